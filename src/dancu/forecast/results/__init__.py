"""Results in files: a course with all its accounts, and bands of trajectories, each with where it comes from.

Both are Parquet in long form, for whatever reads tables; the provenance stands in the metadata of the file.
"""

from dancu.forecast.results.bands import QUANTITIES, Bands, bands_of, read_bands, write_bands
from dancu.forecast.results.course import read_course, write_course
from dancu.forecast.results.difference import Difference, difference
from dancu.forecast.results.provenance import Input, Provenance, input_of

__all__ = [
    "QUANTITIES",
    "Bands",
    "Difference",
    "Input",
    "Provenance",
    "bands_of",
    "difference",
    "input_of",
    "read_bands",
    "read_course",
    "write_bands",
    "write_course",
]
