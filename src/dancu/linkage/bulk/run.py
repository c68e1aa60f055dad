"""Whole files: find the pairs, score them, and put the records of one person together. May be stopped and continued."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from hashlib import sha256
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dancu.linkage.bulk.blocks import Blocks, Capped
from dancu.linkage.bulk.scores import DECISIONS, FAMILY, VETOES, Scorer, Scores, bits_of
from dancu.linkage.bulk.table import PlaceOf, Table, read
from dancu.linkage.entities import Edges, Entities, components, inner_pairs, resolve
from dancu.linkage.kinds.kind import NOT_TOLD, Array
from dancu.linkage.model import Decision, Model
from dancu.linkage.vetoes import Veto

_BYTES_A_KEY = 60
_SAME, _DIFFERENT = DECISIONS.index(Decision.SAME), DECISIONS.index(Decision.DIFFERENT)


@dataclass(frozen=True)
class Progress:
    """How far it is: `done` of `total` steps of a stage, with the pairs found so far."""

    stage: str
    done: int
    total: int
    pairs: int


@dataclass(frozen=True)
class Bulk:
    """How a run is done.

    Args:
        work: a folder for checkpoints and spilled data; with the same files and model a run goes on where it stopped.
        memory_mb: how much to use, roughly; DuckDB spills above half of it, and keys are sorted in parts.
        progress: told after every step.
        place_of: see `read`.
    """

    model: Model
    work: Path | None = None
    memory_mb: int = 4_000
    progress: Callable[[Progress], None] = field(default=lambda _: None)
    place_of: PlaceOf | None = None


@dataclass(frozen=True)
class Pairs:
    """Scored pairs of places, of which those that nothing speaks for are left out."""

    ones: Array
    others: Array
    weights: Array
    levels: Array
    vetoes: Array
    decisions: Array
    refused: Array

    def __len__(self) -> int:
        return len(self.ones)


@dataclass(frozen=True)
class Done:
    """What a run found.

    Args:
        compared: how many pairs were scored.
        capped: the keys that were given up.
        entities: for each record the place of the first of its entity.
    """

    table: Table
    pairs: Pairs
    entities: Array
    compared: int
    capped: tuple[Capped, ...]

    def counts(self) -> dict[str, int]:
        """Count what was found, for people."""
        decided = np.bincount(self.pairs.decisions, minlength=len(DECISIONS))
        entities, sizes = np.unique(self.entities, return_counts=True)
        return {
            "records": len(self.table),
            "pairs compared": self.compared,
            "pairs of one person": int(decided[_SAME]),
            "pairs for a clerk": int(decided[DECISIONS.index(Decision.CLERK)]),
            "sure pairs that would chain": int(self.pairs.refused.sum()),
            "entities": len(entities),
            "entities of several records": int((sizes > 1).sum()),
            "keys given up": len(self.capped),
        }


def dedupe(how: Bulk, files: Sequence[Path], register: Sequence[Path] = ()) -> Done:
    """Find who is who within new files, and in the register if its files are given; register pairs are not compared.

    Raises:
        NotRecords: the files have nothing that the model compares.
    """
    checkpoints = _Checkpoints(how, files, register)
    connection = duckdb.connect()
    connection.execute(f"SET memory_limit = '{max(256, how.memory_mb // 2)}MB'")
    connection.execute("SET threads = 2")
    if how.work is not None:
        connection.execute(f"SET temp_directory = '{how.work / 'spill'}'")
    table = read(how.model, files, register, connection=connection, place_of=how.place_of)
    connection.close()
    how.progress(Progress("read", 1, 1, 0))
    return of_table(how, table, checkpoints)


def of_table(how: Bulk, table: Table, checkpoints: "_Checkpoints | None" = None) -> Done:
    """Find who is who within a table."""
    scorer = Scorer(how.model, table)
    parts = max(1, -(-len(table) * _BYTES_A_KEY // (how.memory_mb * 250_000)))
    blocks = Blocks(table, how.model.rules, parts)
    found: list[Pairs] = []
    compared = 0
    for step, (rule, part) in enumerate((rule, part) for rule in how.model.rules for part in range(parts)):
        known = checkpoints.load(step) if checkpoints else None
        if known is None:
            batches = [_scored(scorer, ones, others) for ones, others in blocks.pairs(rule, part)]
            known = _joined([pairs for pairs, _ in batches], how.model), sum(count for _, count in batches)
            if checkpoints:
                checkpoints.save(step, *known)
        else:
            blocks.blocks(rule, part)
        found.append(known[0])
        compared += known[1]
        how.progress(Progress(rule.name, step + 1, len(how.model.rules) * parts, compared))
    pairs = _joined(found, how.model)
    entities, pairs = _entities(scorer, pairs)
    how.progress(Progress("entities", 1, 1, compared))
    return Done(table, pairs, entities.of, compared, tuple(blocks.capped))


def _scored(scorer: Scorer, ones: Array, others: Array) -> tuple[Pairs, int]:
    scores = scorer.score(ones, others)
    different, _ = scorer.model.thresholds.weights
    kept = scores.weights >= different
    return _pairs(ones, others, scores, kept), len(ones)


def _pairs(ones: Array, others: Array, scores: Scores, kept: Array) -> Pairs:
    return Pairs(
        ones[kept].astype(np.int64), others[kept].astype(np.int64), scores.weights[kept], scores.levels[kept],
        scores.vetoes[kept], scores.decisions[kept], np.zeros(int(kept.sum()), np.bool_),
    )  # fmt: skip


def _joined(found: Sequence[Pairs], model: Model) -> Pairs:
    none = Pairs(
        np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros((0, len(model.comparisons)), np.int8),
        np.zeros(0, np.uint8), np.zeros(0, np.int8), np.zeros(0, np.bool_),
    )  # fmt: skip
    names = [one.name for one in fields(Pairs)]
    return Pairs(*(np.concatenate([getattr(pairs, name) for pairs in (none, *found)]) for name in names))


_AGAINST = FAMILY | bits_of(Veto.NUMBERS)


def _entities(scorer: Scorer, pairs: Pairs) -> tuple[Entities, Pairs]:
    """Put records together, and mark the sure pairs that could not be followed."""
    count = len(scorer.table)
    sure = pairs.decisions == _SAME
    labels = components(count, pairs.ones[sure], pairs.others[sure])
    ones, others = inner_pairs(labels)
    inner = scorer.score(ones, others)
    edges = Edges(
        np.concatenate([pairs.ones, ones]),
        np.concatenate([pairs.others, others]),
        np.concatenate([pairs.weights, inner.weights]),
        np.concatenate([sure, inner.decisions == _SAME]),
        np.concatenate(
            [
                (pairs.vetoes & _AGAINST) != 0,
                (inner.decisions == _DIFFERENT) | ((inner.vetoes & _AGAINST) != 0),
            ]
        ),
    )
    entities = resolve(count, edges)
    refused = sure & (entities.of[pairs.ones] != entities.of[pairs.others])
    decisions = np.where(refused, DECISIONS.index(Decision.CLERK), pairs.decisions).astype(np.int8)
    return entities, Pairs(pairs.ones, pairs.others, pairs.weights, pairs.levels, pairs.vetoes, decisions, refused)


def write_pairs(done: Done, model: Model, path: Path) -> None:
    """Write the pairs that are not different: ids, weight, posterior, decision, vetoes and the level of each field."""
    pairs = done.pairs
    order = np.argsort(-pairs.weights, kind="stable")
    ids = done.table.ids
    columns: dict[str, pa.Array] = {
        "a": ids.take(pa.array(pairs.ones[order])),
        "b": ids.take(pa.array(pairs.others[order])),
        "weight": pa.array(pairs.weights[order]),
        "posterior": pa.array(Scores(pairs.weights[order], pairs.levels, pairs.vetoes, pairs.decisions).posteriors),
        "decision": _words(pairs.decisions[order], [str(decision) for decision in DECISIONS]),
        "vetoes": _words(pairs.vetoes[order], [_veto_words(bits) for bits in range(1 << len(VETOES))]),
        "chain": pa.array(pairs.refused[order]),
    }
    for at, comparison in enumerate(model.comparisons):
        names = [level.name for level in comparison.levels]
        levels = pairs.levels[order, at]
        columns[f"level_{comparison.field}"] = _words(levels, names, levels == NOT_TOLD)
    _write(pa.table(columns, metadata={"linkage_model": model.version}), path)


def write_entities(done: Done, path: Path) -> None:
    """Write for each record the id of its entity, which is the id of the first record of it in the files."""
    _write(pa.table({"id": done.table.ids, "entity": done.table.ids.take(pa.array(done.entities))}), path)


def _veto_words(bits: int) -> str:
    return " ".join(veto for at, veto in enumerate(VETOES) if bits >> at & 1)


def _words(codes: Array, words: list[str], missing: Array | None = None) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.maximum(codes, 0).astype(np.int32), mask=missing), words).cast(
        pa.string()
    )


def _write(table: pa.Table, path: Path) -> None:
    partial = path.with_name(f".{path.name}.partial")
    pq.write_table(table, partial, compression="zstd")
    partial.replace(path)


class _Checkpoints:
    """Files that hold the pairs of each step that is done."""

    def __init__(self, how: Bulk, files: Sequence[Path], register: Sequence[Path]) -> None:
        self._folder = how.work
        if how.work is None:
            return
        how.work.mkdir(parents=True, exist_ok=True)
        told = {
            "model": sha256(how.model.json()).hexdigest(),
            "memory_mb": how.memory_mb,
            "files": [[str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in (*register, *files)],
            "known": len(register),
        }
        manifest = how.work / "manifest.json"
        text = json.dumps(told, indent=1)
        if not manifest.exists() or manifest.read_text(encoding="utf-8") != text:
            for old in how.work.glob("step-*.npz"):
                old.unlink()
            manifest.write_text(text, encoding="utf-8")

    def load(self, step: int) -> tuple[Pairs, int] | None:
        """Return the pairs of a step and how many were compared, if it was done before."""
        path = self._path(step)
        if path is None or not path.exists():
            return None
        with np.load(path) as kept:
            return Pairs(*(kept[one.name] for one in fields(Pairs))), int(kept["compared"])

    def save(self, step: int, pairs: Pairs, compared: int) -> None:
        """Keep the pairs of a step."""
        path = self._path(step)
        if path is None:
            return
        partial = path.with_name(f".{path.name}")
        values = {one.name: getattr(pairs, one.name) for one in fields(Pairs)}
        np.savez(partial, compared=np.int64(compared), **values)
        partial.replace(path)

    def _path(self, step: int) -> Path | None:
        return self._folder / f"step-{step:05}.npz" if self._folder else None
