-- The province's figure is the sum of the accepted reports. Recomputed here from the units' cells alone,
-- independently of the program that consolidated them. No row: everything agrees.
--
-- Per cell and side (communes, provincial) the sum of the figures must be what the report keeps for that side; and
-- where the cell is a plain sum (:sum_cells, names `FORM/ROW/COLUMN`) the two sides together must be its value.
-- Whole numbers are compared exactly. Areas have at most four decimals, so a difference below 0.00005 is the
-- binary arithmetic of SQLite (PostgreSQL adds exactly).
-- `sent` is worked out once (MATERIALIZED): PostgreSQL without statistics would work it out again for every cell of the
-- report, which took longer than anybody waits.
-- Only figures are added: texts have neither side in the report, and counted answers (:counted_cells) are those of `counts_that_differ.sql`.
WITH sent AS MATERIALIZED (
    SELECT
        i.report_id,
        c.form,
        c."row",
        c.col,
        SUM(CASE WHEN o.is_lead_body THEN 0 ELSE CAST(c.value AS NUMERIC) END) AS communes,
        SUM(CASE WHEN o.is_lead_body THEN CAST(c.value AS NUMERIC) ELSE 0 END) AS provincial
    FROM report_input AS i
    JOIN report AS r ON r.id = i.report_id
    JOIN submission AS s ON s.id = i.submission_id AND s.status = 'ACCEPTED'
    JOIN obligation AS o ON o.regime = r.regime AND o.period = r.period AND o.unit = i.unit
    JOIN report_value AS v
        ON v.report_id = i.report_id
        AND (v.communes IS NOT NULL OR v.provincial IS NOT NULL)
        AND v.form || '/' || v."row" || '/' || v.col NOT IN :counted_cells
    JOIN cell AS c
        ON c.submission_id = i.submission_id
        AND c.form = v.form AND c."row" = v."row" AND c.col = v.col
        AND c.answer = 'value'
    WHERE i.report_id = :report_id
    GROUP BY i.report_id, c.form, c."row", c.col
),
compared AS (
    SELECT
        v.form || '/' || v."row" || '/' || v.col AS cell,
        v.value,
        v.communes,
        v.provincial,
        CAST(COALESCE(v.value, '0') AS NUMERIC) AS reported_value,
        CAST(COALESCE(v.communes, '0') AS NUMERIC) AS reported_communes,
        CAST(COALESCE(v.provincial, '0') AS NUMERIC) AS reported_provincial,
        COALESCE(s.communes, 0) AS sent_communes,
        COALESCE(s.provincial, 0) AS sent_provincial
    FROM report_value AS v
    LEFT JOIN sent AS s ON s.report_id = v.report_id AND s.form = v.form AND s."row" = v."row" AND s.col = v.col
    WHERE v.report_id = :report_id AND (v.communes IS NOT NULL OR v.provincial IS NOT NULL)
        AND v.form || '/' || v."row" || '/' || v.col NOT IN :counted_cells
)
SELECT cell, 'communes' AS side, reported_communes AS reported, sent_communes AS recomputed
FROM compared
WHERE ABS(reported_communes - sent_communes) >= 0.00005
UNION ALL
SELECT cell, 'provincial', reported_provincial, sent_provincial
FROM compared
WHERE ABS(reported_provincial - sent_provincial) >= 0.00005
UNION ALL
SELECT cell, 'value', reported_value, sent_communes + sent_provincial
FROM compared
WHERE cell IN :sum_cells AND ABS(reported_value - sent_communes - sent_provincial) >= 0.00005
ORDER BY cell, side
