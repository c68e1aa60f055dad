"""Who lives with whom on the day of the files, and as what.

Each person joins another one or nobody: a wife her husband, a child a parent, one married son his parents.
So whoever is joined by others and joins nobody is the root of a household.
"""

from dataclasses import dataclass

import numpy as np

from dancu.kernel.codes import MaritalStatus, Relation
from dancu.synth.demography import DAYS_OF_YEAR
from dancu.synth.draw import Array, Rng, chance, either
from dancu.synth.people import NOBODY, People


@dataclass(frozen=True)
class Households:
    """For each of the people: root of the household, its head, the relation to it, and the marital status.

    `apart`: the marriage was divorced. Of the dead, the root is the last household, and the relation 0.
    """

    root: Array
    head: Array
    relation: Array
    marital: Array
    apart: Array


def households(rng: Rng, people: People, *, today: int) -> Households:
    """Form the households of the living."""
    size = len(people)
    everyone = np.arange(size)
    alive = people.died > today
    apart = _divorced(rng, people, alive, today)
    together = alive & (people.spouse != NOBODY) & _of(people.spouse, alive) & ~apart
    joins = everyone.copy()
    wives = together & (people.sex == 2)
    joins[wives] = people.spouse[wives]
    _children_stay(rng, people, joins, alive, apart, today)
    _sons_stay(rng, people, joins, together, alive, today)
    root = _alone_follow(rng, people, _roots(joins), alive, today)
    root = either(alive, root, _last_household(rng, people, root, alive))
    head = _heads(rng, people, root, joins, together, alive, today)
    relation = either(alive, relations(people, head[root], apart), 0)
    return Households(root, head[root], relation.astype(np.int8), _marital(people, apart, today), apart)


def _of(position: Array, values: Array) -> Array:
    """Return the value of the person at each position; of nobody, False or 0."""
    return either(position != NOBODY, values[position], 0).astype(values.dtype)


def _divorced(rng: Rng, people: People, alive: Array, today: int) -> Array:
    old_enough = (people.spouse != NOBODY) & (people.wedding < today - 6 * DAYS_OF_YEAR) & (people.sex == 2)
    wives = np.flatnonzero(old_enough & alive & _of(people.spouse, alive) & chance(rng, 0.035, len(people)))
    apart = np.zeros(len(people), np.bool_)
    apart[wives] = True
    apart[people.spouse[wives]] = True
    return apart


def _parent(people: People, alive: Array, apart: Array) -> Array:
    """Return the parent with whom a child lives: the father, the mother where he died or they parted."""
    father_there = _of(people.father, alive) & ~_of(people.father, apart)
    mother_there = _of(people.mother, alive)
    return either(father_there, people.father, either(mother_there, people.mother, NOBODY))


def _children_stay(rng: Rng, people: People, joins: Array, alive: Array, apart: Array, today: int) -> None:
    age = (today - people.born) / DAYS_OF_YEAR
    parent = _parent(people, alive, apart)
    away = people.abode != people.birthplace
    stays = either(age < 22, 1.0, either(age < 30, 0.93, 0.8) - either(away, 0.3, 0.0))
    single = alive & (people.spouse == NOBODY) & chance(rng, np.minimum(stays, 0.9999), len(people))
    home = single & (parent != NOBODY)
    joins[home] = parent[home]
    orphan = alive & (people.spouse == NOBODY) & (age < 18) & (parent == NOBODY)
    _orphans(rng, people, joins, orphan, alive)


def _orphans(rng: Rng, people: People, joins: Array, orphan: Array, alive: Array) -> None:
    """Children without living parents live with a grandparent, else with another family."""
    hosts = np.flatnonzero(alive & (people.sex == 1) & _of(people.spouse, alive))
    for side in (people.father, people.mother):
        for line in (people.father, people.mother):
            elder = either(side != NOBODY, line[side], NOBODY)
            found = orphan & _of(elder, alive) & (joins == np.arange(len(people)))
            joins[found] = elder[found]
    left = np.flatnonzero(orphan & (joins == np.arange(len(people))))
    if len(left) and len(hosts):
        joins[left] = hosts[rng.integers(0, len(hosts), len(left))]


def _sons_stay(rng: Rng, people: People, joins: Array, together: Array, alive: Array, today: int) -> None:
    """One married son at most lives with his parents."""
    age = (today - people.born) / DAYS_OF_YEAR
    elder = either(_of(people.father, alive), people.father, either(_of(people.mother, alive), people.mother, NOBODY))
    near = (elder != NOBODY) & (people.abode == people.birthplace)
    wish = either(_of(elder, age) > 62, 0.85, 0.5)
    sons = np.flatnonzero(together & (people.sex == 1) & near & chance(rng, wish, len(people)))
    sons = rng.permutation(sons)
    _, first = np.unique(elder[sons], return_index=True)
    joins[sons[first]] = elder[sons[first]]


def _alone_follow(rng: Rng, people: People, root: Array, alive: Array, today: int) -> Array:
    """Let most widowed old people live with a child, and many who never married with a brother's or sister's family.

    Those who live with them come along.
    """
    everyone = np.arange(len(people))
    old = (today - people.born) > 60 * DAYS_OF_YEAR
    few = np.bincount(root, minlength=len(people)) <= 2
    first = alive & few & (root == everyone)
    widowed = first & old & (people.spouse != NOBODY) & ~_of(people.spouse, alive)
    single = first & (people.spouse == NOBODY) & ((today - people.born) > 35 * DAYS_OF_YEAR)
    lost = widowed | single
    host = np.full(len(people), NOBODY)
    for parent in (people.father, people.mother):
        children = np.flatnonzero(alive & (parent != NOBODY) & (people.spouse != NOBODY))
        host[parent[children]] = root[children]
    for parent in (people.father, people.mother):
        host = either(single & (parent != NOBODY), host[parent], host)
    share = either(widowed, 0.8, 0.5)
    follows = lost & (host != NOBODY) & ~_of(host, lost) & (host != everyone) & chance(rng, share, len(people))
    target = either(follows, host, everyone)
    return target[root]


def _roots(joins: Array) -> Array:
    root = joins
    while True:
        further = root[root]
        if np.array_equal(further, root):
            return root
        root = further


def _last_household(rng: Rng, people: People, root: Array, alive: Array) -> Array:
    """Return the household a dead person is noted with: the spouse's or a parent's, else any."""
    roots = np.unique(root[alive])
    last = roots[rng.integers(0, len(roots), len(people))]
    for relative in (people.mother, people.father, people.spouse):
        last = either((relative != NOBODY) & _of(relative, alive), root[relative], last)
    return last


def _heads(rng: Rng, people: People, root: Array, joins: Array, together: Array, alive: Array, today: int) -> Array:
    """Return the head of each root's household: the root, at times the wife, or the son of an old one."""
    size = len(people)
    head = np.arange(size)
    wife_heads = together & (people.sex == 1) & chance(rng, 0.17, size)
    head[wife_heads] = people.spouse[wife_heads]
    old = (today - people.born) > 74 * DAYS_OF_YEAR
    sons = np.flatnonzero(alive & together & (people.sex == 1) & (joins != np.arange(size)) & old[joins])
    sons = sons[(joins[sons] == root[sons]) & chance(rng, 0.6, len(sons))]
    head[joins[sons]] = sons
    return head


def relations(people: People, head: Array, apart: Array) -> Array:
    """Return what each person is to the head, as `dancu.kernel.codes.Relation`."""
    everyone = np.arange(len(people))
    spouse = either(apart, NOBODY, people.spouse)
    father, mother = people.father, people.mother

    def up(side: Array, of: Array) -> Array:
        return either(of != NOBODY, side[of], NOBODY)

    def parent_of(one: Array, other: Array) -> Array:
        found: Array = (other != NOBODY) & (one != NOBODY) & ((up(father, other) == one) | (up(mother, other) == one))
        return found

    def elder_of(one: Array, other: Array) -> Array:
        return parent_of(one, up(father, other)) | parent_of(one, up(mother, other))

    def sibling_of(other: Array) -> Array:
        found: Array = np.zeros(len(people), np.bool_)
        for side in (father, mother):
            found |= (side != NOBODY) & (side == up(side, other))
        return found

    head_spouse, own_spouse = spouse[head], spouse
    rules = (
        (head == everyone, Relation.HEAD),
        (own_spouse == head, Relation.SPOUSE),
        (parent_of(head, everyone) | parent_of(head_spouse, everyone), Relation.CHILD),
        (parent_of(everyone, head), Relation.PARENT),
        (elder_of(head, everyone) | elder_of(head_spouse, everyone), Relation.GRANDCHILD),
        (parent_of(head, own_spouse), Relation.CHILD_IN_LAW),
        (parent_of(everyone, head_spouse), Relation.PARENT_IN_LAW),
        (elder_of(everyone, head), Relation.GRANDPARENT),
        (sibling_of(head), Relation.SIBLING),
        (sibling_of(head_spouse) | _kin(people, head, everyone), Relation.OTHER_RELATIVE),
    )
    found: Array = np.select([rule for rule, _ in rules], [int(code) for _, code in rules], int(Relation.NOT_RELATED))
    return found


def _kin(people: People, head: Array, everyone: Array) -> Array:
    """Tell who is some other relative: a descendant further down, or a relative's spouse or child."""
    related = np.zeros(len(people), np.bool_)
    for side in (people.father, people.mother, people.spouse):
        other = side[everyone]
        related |= (other != NOBODY) & (head[other] == head)
    return related


def _marital(people: People, apart: Array, today: int) -> Array:
    """Return the marital status today, of the dead that on the day of death."""
    married = people.spouse != NOBODY
    until = np.minimum(people.died, today)
    widowed = married & (people.died[people.spouse] <= until)
    status = either(married, int(MaritalStatus.MARRIED), int(MaritalStatus.NEVER_MARRIED))
    status = either(widowed, int(MaritalStatus.WIDOWED), status)
    return either(apart, int(MaritalStatus.DIVORCED), status).astype(np.int8)
