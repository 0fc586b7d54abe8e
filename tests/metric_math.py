"""Metric math as CloudWatch documents it, for one moment: a metric has a value then, or none.

"Using metric math" in its user guide: a missing value is 0 beside one that is there, for arithmetic
and for comparisons alike; where none is there, nothing comes out; a division by 0 drops the point.
"""

import operator
import re


class Point:
    """A value at a moment, or `None`."""

    def __init__(self, value):
        self.value = value

    def _with(self, other, compute):
        scalar = not isinstance(other, Point)
        if self.value is None and (scalar or other.value is None):
            return Point(None)
        here, there = self.value or 0, (other if scalar else other.value) or 0
        return Point(float(compute(here, there)))

    def _from(self, scalar, compute):
        return self._with(scalar, lambda here, there: compute(there, here))

    def __add__(self, other):
        return self._with(other, operator.add)

    def __sub__(self, other):
        return self._with(other, operator.sub)

    def __mul__(self, other):
        return self._with(other, operator.mul)

    def __rmul__(self, scalar):
        return self._from(scalar, operator.mul)

    def __ge__(self, other):
        return self._with(other, operator.ge)

    def __and__(self, other):
        return self._with(other, lambda here, there: here and there)

    def __truediv__(self, other):
        if (other.value if isinstance(other, Point) else other) in (0, None):
            return Point(None)
        return self._with(other, operator.truediv)


def _chosen(condition, one, other):
    if condition.value is None:
        return Point(None)
    found = one if condition.value else other
    return found if isinstance(found, Point) else Point(found)


def value(expression, **metrics):
    """Return what *expression* says of *metrics* at one moment, each a number or `None`."""
    # Python's `and` cannot be given another meaning, and `&` binds closer than a comparison.
    code = re.sub(r"IF\((.+?) AND (.+?), 1, 0\)", r"IF((\1) & (\2), 1, 0)", expression)
    names = {name: Point(number) for name, number in metrics.items()}
    return eval(code, {"__builtins__": {}}, {"IF": _chosen, **names}).value
