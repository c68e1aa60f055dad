"""What is believed of any population before its own past is read: one setting for all countries.

A nation is one unit with some decades of past, too little to learn how far fertility may wander in thirty years.
So each model starts from the same beliefs for everyone, wide enough to be moved by the data, and no figure here was
chosen by looking at published bands. Sources are named at each figure.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Beliefs:
    """Prior of a hierarchical AR(1): units scatter around a nation, years around a unit's long-run level.

    Args:
        level: long-run level of a nation, on the scale of the model.
        level_sd: standard deviation of that level between nations.
        between_sd: standard deviation of the long-run levels of the units of one nation.
        persistence: share of a departure that is left after a year.
        persistence_sd: how sure that is.
        shock_sd: standard deviation of the new shock of a year.
        shock_weight: number of years of data that the belief on shocks is worth: about a generation, since the series
            of a nation are often reconstructed and smoother than life; the many years of many provinces outweigh it.
        shared: correlation of the shocks of two units of one nation in one year.
        shared_weight: number of years of data that the belief on the correlation is worth.
        revision_sd: standard deviation of what a later edition finds of the last year, where it was estimated.
        level_change_sd: standard deviation between the long-run level of the past and that of the future of one nation.
        most_sds: robust standard deviations beyond which a shock counts as an accident that says nothing of the future.
    """

    level: float
    level_sd: float
    between_sd: float
    persistence: float
    persistence_sd: float
    shock_sd: float
    shock_weight: float = 25.0
    shared: float = 0.5
    shared_weight: float = 15.0
    revision_sd: float = 0.0
    level_change_sd: float = 0.0
    most_sds: float = 3.0


@dataclass(frozen=True)
class Gains:
    """Prior of the yearly gain of life expectancy of women, a double-logistic function of its level.

    Args:
        spans: widths in years of life of the four stretches of the curve.
        fastest: gain in five years at the fastest stretch.
        lasting: gain in five years that goes on at the highest levels.
        pace_sd: standard deviation between nations of how much faster than the curve one gains (1 = as the curve).
        pace_between_sd: the same between the units of a nation.
        pace_change_sd: standard deviation between the pace of the past and that of the future of one nation.
        shock_sd: standard deviation of a lasting shock of a year, in years of life.
        shock_weight: number of years of data that the belief on shocks is worth.
        shared: correlation of the shocks of two units of one nation in one year.
        shared_weight: number of years of data that the belief on the correlation is worth.
        revision_sd: standard deviation of what a later edition finds of the last year, where it was estimated.
    """

    spans: tuple[float, float, float, float]
    fastest: float
    lasting: float
    pace_sd: float
    pace_between_sd: float
    pace_change_sd: float
    shock_sd: float
    shock_weight: float = 25.0
    shared: float = 0.7
    shared_weight: float = 15.0
    revision_sd: float = 0.0


@dataclass(frozen=True)
class Setting:
    """The beliefs on each component.

    Args:
        fertility: of the logarithm of TFR.
        low_fertility: TFR under which the transition is over; the past before it says little of what follows.
        survival: of the life expectancy of women.
        sex_gap: of life expectancy of women less that of men, in years.
        migration: of net international migrants per inhabitant and year.
        push: of the logarithm of the chance to leave a unit for another one of the nation.
        pull: of the logarithm of how a unit draws those who leave others.
    """

    fertility: Beliefs
    low_fertility: float
    survival: Gains
    sex_gap: Beliefs
    migration: Beliefs
    push: Beliefs
    pull: Beliefs


SETTING = Setting(
    # Long-run level: countries that have been below replacement for decades lie between 1.0 and 1.9 (Korea, Italy,
    # Japan; France, the Nordic countries); log 1.55 with 0.2 puts two thirds of nations at 1.27-1.90. Persistence: a
    # departure halves in about 20 years (Alkema et al. 2011, Raftery et al. 2014 find AR(1) with a five-year
    # coefficient near 0.9 after the transition). Shocks that last: years of fall and of rise come in runs; TFR of
    # countries below replacement came to lie about 0.3 from where it was a generation before (Korea 1.6 to 0.7, Sweden
    # 2.1 to 1.5 and back, Germany 1.3 to 1.6 and back).
    fertility=Beliefs(
        level=0.44,
        level_sd=0.20,
        between_sd=0.12,
        persistence=0.97,
        persistence_sd=0.02,
        shock_sd=0.05,
        shared=0.7,
        revision_sd=0.04,
        level_change_sd=0.15,
    ),
    low_fertility=2.5,
    # Spans and gains: prior means of the UN's model (Raftery et al. 2013, Demography 50:777-801; defaults of its
    # published implementation).
    survival=Gains(
        spans=(13.215, 41.070, 9.235, 17.605),
        fastest=2.84,
        lasting=0.385,
        pace_sd=0.5,
        pace_between_sd=0.15,
        pace_change_sd=0.3,
        shock_sd=0.30,
        revision_sd=0.3,
    ),
    # The gap falls as women near the highest levels (Raftery, Lalic and Gerland 2014, Demographic Research 30:795).
    sex_gap=Beliefs(
        level=4.5,
        level_sd=1.5,
        between_sd=0.7,
        persistence=0.97,
        persistence_sd=0.02,
        shock_sd=0.12,
    ),
    # Net rates of nations: most within 0.3 % a year of zero; little is left of a wave after a decade
    # (Azose and Raftery 2015, Demography 52:1627-1650).
    migration=Beliefs(
        level=0.0,
        level_sd=0.0015,
        between_sd=0.001,
        persistence=0.88,
        persistence_sd=0.06,
        shock_sd=0.0008,
        shared=0.3,
        revision_sd=0.0004,
    ),
    # Chances to move within a nation: booms of provinces last for a decade or more.
    push=Beliefs(
        level=0.0,
        level_sd=0.15,
        between_sd=0.25,
        persistence=0.97,
        persistence_sd=0.015,
        shock_sd=0.07,
        shared=0.3,
        most_sds=20.0,
    ),
    pull=Beliefs(
        level=0.0,
        level_sd=0.05,
        between_sd=0.35,
        persistence=0.985,
        persistence_sd=0.005,
        shock_sd=0.09,
        shared=0.0,
        most_sds=20.0,
    ),
)
"""The setting that is used for every country."""
