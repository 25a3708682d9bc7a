-- A yes-count is the number of counted units that answered yes; a class count the number that named a class.
-- Recomputed here from the units' cells alone. No row: everything agrees.
--
-- Who is counted is the form's: :commune_cells and :body_cells are the names `FORM/ROW/COLUMN` of the cells of which the
-- territorial units' and the other bodies' answers are counted; :class_cells are those of them that count classes.
-- Both sides are compared apart, as the report keeps them.
WITH counted AS (
    SELECT
        v.form || '/' || v."row" || '/' || v.col AS cell,
        CAST(COALESCE(v.value, '0') AS INTEGER) AS reported_value,
        CAST(COALESCE(v.communes, '0') AS INTEGER) AS reported_communes,
        CAST(COALESCE(v.provincial, '0') AS INTEGER) AS reported_provincial,
        COUNT(CASE WHEN NOT o.is_lead_body AND v.form || '/' || v."row" || '/' || v.col IN :commune_cells
              THEN c.value END) AS communes,
        COUNT(CASE WHEN o.is_lead_body AND v.form || '/' || v."row" || '/' || v.col IN :body_cells
              THEN c.value END) AS provincial
    FROM report_value AS v
    JOIN report AS r ON r.id = v.report_id
    LEFT JOIN report_input AS i ON i.report_id = v.report_id
    LEFT JOIN obligation AS o ON o.regime = r.regime AND o.period = r.period AND o.unit = i.unit
    LEFT JOIN cell AS c
        ON c.submission_id = i.submission_id
        AND c.form = v.form AND c."row" = v."row" AND c.col = v.col
        AND c.answer = 'value'
        AND (c.value = 'true' OR v.form || '/' || v."row" || '/' || v.col IN :class_cells)
    WHERE v.report_id = :report_id
        AND (v.form || '/' || v."row" || '/' || v.col IN :commune_cells
             OR v.form || '/' || v."row" || '/' || v.col IN :body_cells)
    GROUP BY v.form, v."row", v.col, v.value, v.communes, v.provincial
)
SELECT cell, 'communes' AS side, reported_communes AS reported, communes AS recomputed
FROM counted
WHERE reported_communes <> communes
UNION ALL
SELECT cell, 'provincial', reported_provincial, provincial
FROM counted
WHERE reported_provincial <> provincial
UNION ALL
SELECT cell, 'value', reported_value, communes + provincial
FROM counted
WHERE reported_value <> communes + provincial
ORDER BY cell, side
