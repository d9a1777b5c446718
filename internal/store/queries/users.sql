-- name: InsertUser :one
INSERT INTO users (email, name, role, locale, pseudonym, password_hash, simulated)
VALUES (@email, @name, @role, @locale, @pseudonym, nullif(@password_hash::text, ''), @simulated)
ON CONFLICT DO NOTHING
RETURNING *;

-- name: UserByID :one
SELECT * FROM users WHERE id = @id;

-- name: UserByEmail :one
SELECT * FROM users WHERE email = @email;

-- name: ListUsers :many
SELECT * FROM users ORDER BY id;

-- name: SetPasswordHash :execrows
-- Whoever is signed in with the old one is no longer.
UPDATE users SET password_hash = nullif(@password_hash::text, ''), session_epoch = session_epoch + 1 WHERE id = @id;

-- name: SetLocale :execrows
UPDATE users SET locale = @locale WHERE id = @id;

-- name: SetUserDisabled :execrows
UPDATE users SET disabled_at = CASE WHEN @disabled::bool THEN coalesce(disabled_at, now()) END WHERE id = @id;

-- name: SetUserRole :execrows
UPDATE users SET role = @role WHERE id = @id;

-- name: AdminExists :one
SELECT EXISTS (SELECT FROM users WHERE role = 'admin');

-- name: SetOptOuts :execrows
UPDATE users SET opted_out = @opted_out WHERE id = @id;

-- name: OptOuts :one
SELECT opted_out FROM users WHERE id = @id;
