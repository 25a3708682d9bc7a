-- What units sent. An instant is text in UTC and ISO form, so the greater text is the later instant.

-- name: official
-- The submission of each unit that counts (the view `official_submission`): of its accepted ones that were neither
-- returned nor withdrawn afterwards the last received. While a correction is being examined, or after it was returned,
-- the accepted one before it stays official. The oldest first.
SELECT s.id, s.regime, s.period, s.unit, s.status, s.received_at, s.sha256, s.filename, s.on_time, s.supersedes_id,
       s.receipt_number
FROM official_submission AS s
WHERE s.regime = :regime
  AND s.period = :period
ORDER BY s.id;

-- name: official_of_unit
-- The same of one unit.
SELECT s.id, s.regime, s.period, s.unit, s.status, s.received_at, s.sha256, s.filename, s.on_time, s.supersedes_id,
       s.receipt_number
FROM official_submission AS s
WHERE s.regime = :regime
  AND s.period = :period
  AND s.unit = :unit;

-- name: official_ids
-- Number and unit of the official submissions of a period, the oldest first: the first :most of them.
SELECT s.id, s.unit
FROM official_submission AS s
WHERE s.regime = :regime
  AND s.period = :period
ORDER BY s.id
LIMIT :most;

-- name: pending
-- Received and not decided: what a crash left behind, oldest first. Not what waits for the office.
SELECT s.id, s.regime, s.period, s.unit, s.status, s.received_at, s.sha256, s.filename, s.on_time, s.supersedes_id,
       s.receipt_number
FROM submission AS s
WHERE s.status = 'RECEIVED'
  AND s.waiting_since IS NULL
ORDER BY s.received_at, s.id;

-- name: of_period
-- Everything a period received, oldest first.
SELECT s.id, s.regime, s.period, s.unit, s.status, s.received_at, s.sha256, s.filename, s.on_time, s.supersedes_id,
       s.receipt_number
FROM submission AS s
WHERE s.regime = :regime
  AND s.period = :period
ORDER BY s.received_at, s.id;

-- name: accepted_periods
-- Codes of the periods with an accepted submission, of any unit.
SELECT DISTINCT s.period
FROM submission AS s
WHERE s.regime = :regime
  AND s.status = 'ACCEPTED'
  AND NOT EXISTS (SELECT 1 FROM submission_given_back AS g WHERE g.submission_id = s.id);

-- name: accepted_periods_of_unit
-- The same of one unit.
SELECT s.period
FROM submission AS s
WHERE s.regime = :regime
  AND s.unit = :unit
  AND s.status = 'ACCEPTED'
  AND NOT EXISTS (SELECT 1 FROM submission_given_back AS g WHERE g.submission_id = s.id);
