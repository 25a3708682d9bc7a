-- The consolidated reports and their values.

-- name: latest
-- The newest version of a period's report, whatever its status.
SELECT r.id, r.regime, r.period, r.version, r.status, r.content_sha256, r.created_at, r.as_of
FROM report AS r
WHERE r.regime = :regime
  AND r.period = :period
ORDER BY r.version DESC
LIMIT 1;

-- name: of_period
-- All versions, oldest first.
SELECT r.id, r.regime, r.period, r.version, r.status, r.content_sha256, r.created_at, r.as_of
FROM report AS r
WHERE r.regime = :regime
  AND r.period = :period
ORDER BY r.version;

-- name: overtaken
-- Whether a later version of the same report was frozen: then this one must not be decided on any more.
SELECT later.version
FROM report AS r
JOIN report AS later ON later.regime = r.regime AND later.period = r.period AND later.version > r.version
WHERE r.id = :id
  AND later.status <> 'DRAFT'
ORDER BY later.version DESC
LIMIT 1;

-- name: contributions
-- Lineage: the cells of the submissions that went into a report, for one cell.
SELECT i.unit, s.id AS submission_id, s.sha256, s.filename, c.sheet, c.a1, c.value, c.answer
FROM report_input AS i
JOIN submission AS s ON s.id = i.submission_id
JOIN cell AS c ON c.submission_id = i.submission_id
WHERE i.report_id = :report_id
  AND c.form = :form
  AND c.row = :row
  AND c.col = :col;
