"""A self-join in DuckDB, from a table in memory to a table in memory."""

import duckdb
import numpy as np
from contender import main, read_matrix

SQL = {
    "binary": "count(*)::DOUBLE",
    "weighted": "sum(a.value * b.value)",
}

JOIN = """
create table neighbours as
with norm as (select item, sqrt(sum(value * value)) as norm from entries group by item),
pair as (
  select a.item, b.item as neighbour, {dot} as dot
  from entries a join entries b on a."user" = b."user" and a.item <> b.item
  group by a.item, b.item
)
select item, max_by(neighbour, dot / n.norm / m.norm, {top}) as neighbours, max(dot / n.norm / m.norm, {top}) as scores
from pair join norm n using (item) join norm m on m.item = pair.neighbour
group by item
"""


def load(folder, vectors, threads):
    matrix = read_matrix(folder, vectors, np.float64)
    user = np.repeat(np.arange(matrix.shape[0], dtype=np.int32), np.diff(matrix.indptr))
    item, value = matrix.indices, matrix.data
    connection = duckdb.connect(config={"threads": threads})
    connection.register("arrays", {"user": user, "item": item, "value": value})
    connection.execute('create table entries as select "user", item, value from arrays')
    connection.unregister("arrays")
    return connection, SQL[vectors], matrix.shape[1]


def compute(data, top, threads):
    connection, dot, items = data
    connection.execute(JOIN.format(dot=dot, top=top))
    return connection, items


def finish(result, top):
    connection, items = result
    best = np.full((items, top), -1, np.int32)
    score = np.zeros((items, top))
    for item, neighbours, scores in connection.sql("from neighbours").fetchall():
        best[item, : len(neighbours)] = neighbours
        score[item, : len(scores)] = scores
    return best, score


if __name__ == "__main__":
    main(load, compute, finish)
