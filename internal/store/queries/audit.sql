-- name: InsertAudit :exec
INSERT INTO audit_log (user_id, action, object, details) VALUES (@user_id, @action, @object, @details);

-- name: AuditPage :many
SELECT a.id, a.at, a.user_id, coalesce(u.email, '') AS email, a.action, a.object, a.details
FROM audit_log a
LEFT JOIN users u ON u.id = a.user_id
WHERE a.id < @before_id
ORDER BY a.id DESC
LIMIT @max_rows;
