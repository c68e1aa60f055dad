"""The choices of selects and radios."""

from dancu.kernel.codes import Relation, Sex
from dancu.portals.officer.views import Option
from dancu.portals.shared import words
from dancu.portals.shared.pages import Said
from dancu.portals.shared.words import msg
from dancu.reference.codes import EthnicScheme, ethnic_groups

SEXES = tuple(Option(str(int(sex)), words.SEX[sex]) for sex in (Sex.MALE, Sex.FEMALE))
LIVES_WITH = (
    Option("mother", msg("the mother")),
    Option("father", msg("the father")),
    Option("", msg("neither: no place is recorded")),
)
ETHNIC_GROUPS = tuple(
    Option(str(100 + int(code)), Said(group.name, group.name))
    for code, group in ethnic_groups(EthnicScheme.TCTK_1979).items()
)
RELATIONS = tuple(Option(str(int(one)), words.RELATION[one]) for one in Relation)
