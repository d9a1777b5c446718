-- Sessions name the epoch in which they began. A new password begins the next one, which ends all others.
ALTER TABLE users ADD COLUMN session_epoch integer NOT NULL DEFAULT 0;
