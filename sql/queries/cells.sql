-- The cells of submissions, one row a cell. `value` is text; the form says what type it is.

-- name: of_submission
SELECT c.form, c.row, c.col, c.answer, c.value, c.sheet, c.a1
FROM cell AS c
WHERE c.submission_id = :submission_id
ORDER BY c.form, c.row, c.col;

-- name: official
-- All cells of all official submissions of a period, unit by unit (see submissions.sql, official).
SELECT c.submission_id, c.form, c.row, c.col, c.answer, c.value, c.sheet, c.a1
FROM submission AS s
JOIN cell AS c ON c.submission_id = s.id
WHERE s.regime = :regime
  AND s.period = :period
  AND s.status = 'ACCEPTED'
  AND NOT EXISTS (SELECT 1 FROM submission_given_back AS g WHERE g.submission_id = s.id)
  AND NOT EXISTS (
      SELECT 1
      FROM submission AS later
      WHERE later.regime = s.regime
        AND later.period = s.period
        AND later.unit = s.unit
        AND later.status = 'ACCEPTED'
        AND NOT EXISTS (SELECT 1 FROM submission_given_back AS g WHERE g.submission_id = later.id)
        AND (later.received_at, later.id) > (s.received_at, s.id)
  )
ORDER BY c.submission_id, c.form, c.row, c.col;

-- name: figures
-- The figures of one unit's official submission of a period: values only, not what is declared nil or left blank.
SELECT c.form, c.row, c.col, c.value
FROM submission AS s
JOIN cell AS c ON c.submission_id = s.id
WHERE s.regime = :regime
  AND s.period = :period
  AND s.unit = :unit
  AND s.status = 'ACCEPTED'
  AND c.answer = 'value'
  AND NOT EXISTS (SELECT 1 FROM submission_given_back AS g WHERE g.submission_id = s.id)
  AND NOT EXISTS (
      SELECT 1
      FROM submission AS later
      WHERE later.regime = s.regime
        AND later.period = s.period
        AND later.unit = s.unit
        AND later.status = 'ACCEPTED'
        AND NOT EXISTS (SELECT 1 FROM submission_given_back AS g WHERE g.submission_id = later.id)
        AND (later.received_at, later.id) > (s.received_at, s.id)
  )
ORDER BY c.form, c.row, c.col;

-- name: nils
-- What one unit's official submission of a period declares nil.
SELECT c.form, c.row, c.col
FROM submission AS s
JOIN cell AS c ON c.submission_id = s.id
WHERE s.regime = :regime
  AND s.period = :period
  AND s.unit = :unit
  AND s.status = 'ACCEPTED'
  AND c.answer = 'nil'
  AND NOT EXISTS (SELECT 1 FROM submission_given_back AS g WHERE g.submission_id = s.id)
  AND NOT EXISTS (
      SELECT 1
      FROM submission AS later
      WHERE later.regime = s.regime
        AND later.period = s.period
        AND later.unit = s.unit
        AND later.status = 'ACCEPTED'
        AND NOT EXISTS (SELECT 1 FROM submission_given_back AS g WHERE g.submission_id = later.id)
        AND (later.received_at, later.id) > (s.received_at, s.id)
  )
ORDER BY c.form, c.row, c.col;
