"""The columns of a block while it is made."""

from dataclasses import dataclass, fields

import numpy as np

from dancu.synth.draw import Array

NOBODY = -1


@dataclass
class People:
    """People by position; days are counted from 1900-01-01, people and places are positions, -1 for nobody.

    Args:
        died: the day of death, which may lie in the future.
        birthplace, abode, origin: communes of today.
        group: ethnic group; `style`: custom of naming.
        spouse, wedding: the last marriage, also when it ended by death.
        eligible: may still marry.
    """

    born: Array
    died: Array
    sex: Array
    mother: Array
    father: Array
    birthplace: Array
    abode: Array
    origin: Array
    group: Array
    belief: Array
    style: Array
    surname: Array
    middle: Array
    given: Array
    spouse: Array
    wedding: Array
    eligible: Array

    def __len__(self) -> int:
        return len(self.born)

    @classmethod
    def empty(cls) -> "People":
        """Return nobody."""
        return cls(**{field.name: np.zeros(0, np.int64) for field in fields(cls)})

    def joined(self, others: "People") -> "People":
        """Return these and others after them."""
        if not len(self):
            return others
        return People(
            **{f.name: np.concatenate([getattr(self, f.name), getattr(others, f.name)]) for f in fields(self)}
        )
