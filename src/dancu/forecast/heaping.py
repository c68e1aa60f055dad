"""Whether ages were told truly: indices of digits that people prefer, and of jumps between ages and sexes.

Sources: United Nations (1955), *Manual II: Methods of Appraisal of Quality of Basic Data*, ch. II and III; Shryock,
Siegel (1976), *The Methods and Materials of Demography*, ch. 8; Noumbissi (1992), *Genus* 48(3-4); Spoorenberg (2007),
*Genus* 63(1-2).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dancu.forecast.axes import FEMALE, MALE, Floats, folded

_GROUPS = tuple(range(0, 75, 5))


@dataclass(frozen=True)
class Heaping:
    """What the indices say of a table of one population.

    Args:
        whipple: of ages ending in 0 or 5, by sex; 100 says that they are not preferred, 500 that nobody tells another.
        myers: by sex; 0 to 90, the share of people in per cent that would have to tell another last digit.
        myers_digits: of each last digit, the deviation from a tenth in per cent `(sex, digit)`.
        total_modified_whipple: by sex; 0 to 16, preference and avoidance of all digits (Spoorenberg).
        age_sex_accuracy: of the United Nations' secretariat; under 20 is accurate, over 40 highly inaccurate.
        sex_ratio_score: its part on sex ratios.
        age_ratio_scores: its parts on age ratios, by sex.
    """

    whipple: tuple[float, float]
    myers: tuple[float, float]
    myers_digits: Floats
    total_modified_whipple: tuple[float, float]
    age_sex_accuracy: float
    sex_ratio_score: float
    age_ratio_scores: tuple[float, float]


def heaping(counts: Floats) -> Heaping:
    """Return the indices of counts by single ages.

    Args:
        counts: persons `(sex, age)`, ages 0 to 99 at least.
    """
    digits = np.stack([myers_digits(counts[sex]) for sex in (MALE, FEMALE)])
    sexes, males, females = age_sex_accuracy(counts)
    return Heaping(
        whipple=_by_sex(counts, whipple),
        myers=(float(np.abs(digits[MALE]).sum() / 2), float(np.abs(digits[FEMALE]).sum() / 2)),
        myers_digits=digits,
        total_modified_whipple=_by_sex(counts, total_modified_whipple),
        age_sex_accuracy=3 * sexes + males + females,
        sex_ratio_score=sexes,
        age_ratio_scores=(males, females),
    )


def _by_sex(counts: Floats, index: Callable[[Floats], float]) -> tuple[float, float]:
    return index(counts[MALE]), index(counts[FEMALE])


def whipple(ages: Floats) -> float:
    """Return Whipple's index: people of ages 25, 30, ... 60 against a fifth of those of 23 to 62, in per cent."""
    return float(500 * ages[25:61:5].sum() / ages[23:63].sum())


def myers_digits(ages: Floats) -> Floats:
    """Return of each last digit by how many per cent its share differs from a tenth, in Myers's blended population.

    Eight tens of ages are summed by digit, from age 10 and again from 20 on, with weights by which the ages of every
    digit begin at 19 in the mean: so deaths from one digit to the next prefer none of them.
    """
    from_ten = ages[10:90].reshape(8, 10).sum(axis=0)
    from_twenty = ages[20:100].reshape(8, 10).sum(axis=0)
    weights = np.arange(1, 11)
    blended = weights * from_ten + (10 - weights) * from_twenty
    return np.asarray(100 * blended / blended.sum() - 10)


def modified_whipple(ages: Floats, digit: int) -> float:
    """Return the preference of a last digit: 1 is none (Noumbissi).

    The people of ages 25-64 with the digit, against a fifth of those of five ages around each.
    """
    first = 20 + digit if digit >= 5 else 30 + digit
    at = np.arange(first, first + 31, 10)
    around = sum(float(ages[age - 2 : age + 3].sum()) for age in at)
    return 5 * float(ages[at].sum()) / around


def total_modified_whipple(ages: Floats) -> float:
    """Return the sum over digits of how far each is from no preference: 0 to 16 (Spoorenberg)."""
    return sum(abs(modified_whipple(ages, digit) - 1) for digit in range(10))


def age_sex_accuracy(counts: Floats) -> tuple[float, float, float]:
    """Return the three scores of the United Nations' index: of sex ratios, and of age ratios of males and females.

    The index is three times the first plus the others. Groups of five ages to 70-74.

    Args:
        counts: persons by single ages `(sex, age)`, or by groups of five `(sex, group)` of 15 groups or more.
    """
    groups = counts[:, :15] if counts.shape[-1] < 60 else folded(counts[:, :75], _GROUPS)
    ratios = 100 * groups[MALE] / groups[FEMALE]
    sexes = float(np.abs(np.diff(ratios)).mean())
    middle = groups[:, 1:-1]
    neighbours = (groups[:, :-2] + groups[:, 2:]) / 2
    males, females = np.abs(100 * middle / neighbours - 100).mean(axis=-1)
    return sexes, float(males), float(females)
