-- The cells of submissions, one row a cell. `value` is text; the form says what type it is.

-- name: of_submission
SELECT c.form, c.row, c.col, c.answer, c.value, c.sheet, c.a1
FROM cell AS c
WHERE c.submission_id = :submission_id
ORDER BY c.form, c.row, c.col;

-- name: official
-- All cells of all official submissions of a period, unit by unit.
SELECT c.submission_id, c.form, c.row, c.col, c.answer, c.value, c.sheet, c.a1
FROM official_submission AS s
JOIN cell AS c ON c.submission_id = s.id
WHERE s.regime = :regime
  AND s.period = :period
ORDER BY c.submission_id, c.form, c.row, c.col;

-- name: figures
-- The figures of one unit's official submission of a period: values only, not what is declared nil or left blank.
SELECT c.form, c.row, c.col, c.value
FROM official_submission AS s
JOIN cell AS c ON c.submission_id = s.id
WHERE s.regime = :regime
  AND s.period = :period
  AND s.unit = :unit
  AND c.answer = 'value'
ORDER BY c.form, c.row, c.col;

-- name: nils
-- What one unit's official submission of a period declares nil.
SELECT c.form, c.row, c.col
FROM official_submission AS s
JOIN cell AS c ON c.submission_id = s.id
WHERE s.regime = :regime
  AND s.period = :period
  AND s.unit = :unit
  AND c.answer = 'nil'
ORDER BY c.form, c.row, c.col;
