"""Tables as statistical offices print them: for people, with titles, totals and regions among the units."""

from dancu.forecast.statistical.cells import Sheet, read_sheet
from dancu.forecast.statistical.read import AgeTable, YearTable, read_table
from dancu.forecast.statistical.split import single_ages

__all__ = ["AgeTable", "Sheet", "YearTable", "read_sheet", "read_table", "single_ages"]
