-- Scores ranks.csv against test.csv, the files of `steamer evaluate --export-ranks FOLDER`. Run it
-- in that folder with DuckDB. Lines of another tool, in the same columns, are scored along.
WITH ranks AS (
  SELECT name, "user", item, rank::INTEGER AS rank FROM read_csv('ranks.csv', all_varchar = true)
),
test AS (SELECT "user", item FROM read_csv('test.csv', all_varchar = true)),
hits AS (
  SELECT name, "user", min(rank) AS first,
    count(*) FILTER (rank <= 10) AS hits10, count(*) FILTER (rank <= 20) AS hits20,
    sum(1 / log2(rank + 1)) FILTER (rank <= 10) AS gain10
  FROM ranks JOIN test USING ("user", item) GROUP BY ALL
),
asked AS (SELECT "user", count(*) AS targets FROM test GROUP BY "user"),
-- Who gets no list, or no hit, counts as 0.
scores AS (
  SELECT name,
    coalesce(hits10, 0) / least(10, targets) AS recall10,
    coalesce(hits20, 0) / least(20, targets) AS recall20,
    coalesce(gain10, 0) / list_sum([1 / log2(k + 1) for k in range(1, least(10, targets) + 1)]) AS ndcg10,
    coalesce(1 / first, 0) * coalesce(first <= 10, false)::INTEGER AS mrr10
  FROM (SELECT DISTINCT name FROM ranks) CROSS JOIN asked LEFT JOIN hits USING (name, "user")
)
SELECT name, avg(recall10) AS "recall@10", avg(recall20) AS "recall@20", avg(ndcg10) AS "NDCG@10",
  avg(mrr10) AS "MRR@10"
FROM scores GROUP BY name ORDER BY "NDCG@10" DESC;
