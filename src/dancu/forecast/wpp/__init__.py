"""A forecast of a country from tables as the United Nations publish them: the base stock and rates alone.

Source of the method: United Nations, DESA, Population Division (2024), *World Population Prospects 2024: Methodology*.
"""

from dancu.forecast.wpp.country import Country, rates_of, stock_of, world_prospects
from dancu.forecast.wpp.published import is_published, read_published
from dancu.forecast.wpp.read import read_country
from dancu.forecast.wpp.write import write_mid_year

__all__ = [
    "Country",
    "is_published",
    "rates_of",
    "read_country",
    "read_published",
    "stock_of",
    "world_prospects",
    "write_mid_year",
]
