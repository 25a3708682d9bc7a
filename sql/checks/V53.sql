-- V53: a yes-count is the number of communes that answered yes, over all territorial units on the cut-off day
-- (:valid_units), whether they reported or not. Recomputed from the units' cells alone. No row: everything agrees.
--
-- :yes_cells are the names `FORM/ROW/COLUMN` of the cells counted so.
SELECT
    v.form || '/' || v."row" || '/' || v.col AS cell,
    'value' AS side,
    CAST(COALESCE(v.value, '0') AS INTEGER) AS reported,
    COUNT(c.value) AS recomputed
FROM report_value AS v
JOIN report AS r ON r.id = v.report_id
LEFT JOIN report_input AS i ON i.report_id = v.report_id
LEFT JOIN obligation AS o ON o.regime = r.regime AND o.period = r.period AND o.unit = i.unit
LEFT JOIN cell AS c
    ON c.submission_id = i.submission_id
    AND c.form = v.form AND c."row" = v."row" AND c.col = v.col
    AND c.value = 'true' AND NOT o.is_lead_body
WHERE v.report_id = :report_id AND v.form || '/' || v."row" || '/' || v.col IN :yes_cells
GROUP BY v.form, v."row", v.col, v.value
HAVING CAST(COALESCE(v.value, '0') AS INTEGER) <> COUNT(c.value) OR COUNT(c.value) > :valid_units
ORDER BY cell
