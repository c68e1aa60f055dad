"""Pictures of forecasts with one call each: pyramids, fans and maps of change, as figures of matplotlib.

matplotlib is not installed with the program: `pip install 'dancu[pictures]'`, or the developers' lock.
"""

from dancu.forecast.pictures.canvas import Language, save
from dancu.forecast.pictures.fan import fan
from dancu.forecast.pictures.geometry import Geometry, read_geometry
from dancu.forecast.pictures.maps import change_map, percent_change
from dancu.forecast.pictures.pyramid import pyramid

__all__ = ["Geometry", "Language", "change_map", "fan", "percent_change", "pyramid", "read_geometry", "save"]
