-- name: LockFirstAdmin :exec
-- One first admin at a time, over all processes, until the transaction ends.
SELECT pg_advisory_xact_lock(7264619);

-- name: DropFirstAdminLinks :exec
DELETE FROM links WHERE purpose = 'first_admin' AND used_at IS NULL;

-- name: InsertLink :exec
INSERT INTO links (token_hash, purpose, role, campaign_id, user_id, created_by, expires_at)
VALUES (@token_hash, @purpose, @role, @campaign_id, @user_id, @created_by, now() + make_interval(secs => @valid_seconds::float8));

-- name: PeekLink :one
SELECT l.purpose, l.role, l.campaign_id, l.user_id, l.expires_at, coalesce(c.name, '') AS campaign
FROM links l
LEFT JOIN campaigns c ON c.id = l.campaign_id
WHERE l.token_hash = @token_hash AND l.used_at IS NULL AND l.expires_at > now();

-- name: ConsumeLink :one
-- Of several redeemers at once the row lock lets one through; the others then find it used.
UPDATE links SET used_at = now()
WHERE token_hash = @token_hash AND purpose = @purpose AND used_at IS NULL AND expires_at > now()
RETURNING *;

-- name: SetLinkUser :exec
UPDATE links SET used_by = @used_by WHERE token_hash = @token_hash;

-- name: OpenInvitations :many
SELECT encode(l.token_hash, 'hex') AS id, coalesce(l.role, '') AS role, coalesce(c.name, '') AS campaign,
    coalesce(u.email, '') AS created_by, l.created_at, l.expires_at
FROM links l
LEFT JOIN campaigns c ON c.id = l.campaign_id
LEFT JOIN users u ON u.id = l.created_by
WHERE l.purpose = 'invitation' AND l.used_at IS NULL AND l.expires_at > now()
ORDER BY l.created_at DESC
LIMIT @max_rows;

-- name: RevokeInvitation :execrows
DELETE FROM links WHERE token_hash = decode(@id, 'hex') AND purpose = 'invitation' AND used_at IS NULL;
