-- name: InsertSnapshot :one
INSERT INTO snapshots (name, sha256, seed, validation_share, counts, created_by)
VALUES (@name, @sha256, @seed, @validation_share, @counts, @created_by)
ON CONFLICT (name) DO NOTHING
RETURNING *;

-- name: SnapshotByName :one
SELECT * FROM snapshots WHERE name = @name;

-- name: SnapshotByID :one
SELECT * FROM snapshots WHERE id = @id;

-- name: LatestSnapshot :one
SELECT * FROM snapshots ORDER BY id DESC LIMIT 1;

-- name: ListSnapshots :many
SELECT * FROM snapshots ORDER BY id DESC;
