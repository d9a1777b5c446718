package handlers

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"rankloop/ranking"
)

// Parameters of argon2id for new hashes: the first choice of the OWASP Password Storage Cheat Sheet, about 40 ms.
const (
	argonPasses    = 2
	argonMemoryKiB = 19 * 1024
	argonLanes     = 1
	argonSaltBytes = 16
	argonKeyBytes  = 32
)

// Limits on passwords, and on what a stored hash may ask for: a hash is read from the database and must not be able to
// claim all memory.
const (
	passwordLengthMin   = 10
	passwordBytesMax    = 200
	argonPassesMax      = 10
	argonMemoryKiBMax   = 256 * 1024
	argonConcurrencyMax = 4
)

// argonSlots bounds the memory of concurrent sign-ins to argonConcurrencyMax hashes.
var argonSlots = make(chan struct{}, argonConcurrencyMax)

// HashPassword returns the argon2id hash of password as a PHC string. CodeInvalid says which rule it breaks.
func HashPassword(password string) (string, error) {
	if utf8.RuneCountInString(password) < passwordLengthMin {
		return "", ranking.Errorf(ranking.CodeInvalid, "a password needs at least %d characters", passwordLengthMin)
	}
	if len(password) > passwordBytesMax {
		return "", ranking.Errorf(ranking.CodeInvalid, "a password may have at most %d bytes", passwordBytesMax)
	}
	salt := make([]byte, argonSaltBytes)
	rand.Read(salt) // never fails; see crypto/rand
	argonSlots <- struct{}{}
	key := argon2.IDKey([]byte(password), salt, argonPasses, argonMemoryKiB, argonLanes, argonKeyBytes)
	<-argonSlots
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemoryKiB, argonPasses, argonLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)), nil
}

// checkPassword reports whether password has the given hash. An empty or unreadable hash costs as much time as a real
// one, so that an answer's delay does not tell whether somebody has an account.
func checkPassword(ctx context.Context, password, hash string) (bool, error) {
	passes, memoryKiB, lanes, salt, want, known := parseHash(hash)
	if !known {
		passes, memoryKiB, lanes, salt, want = argonPasses, argonMemoryKiB, argonLanes, make([]byte, argonSaltBytes), make([]byte, argonKeyBytes)
	}
	select {
	case argonSlots <- struct{}{}:
		defer func() { <-argonSlots }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	if len(password) > passwordBytesMax {
		password, known = "", false // such a password was never accepted
	}
	key := argon2.IDKey([]byte(password), salt, passes, memoryKiB, lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(key, want) == 1 && known, nil
}

// parseHash reads a PHC string of argon2id, within the limits above.
func parseHash(hash string) (passes, memoryKiB uint32, lanes uint8, salt, key []byte, ok bool) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return 0, 0, 0, nil, nil, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memoryKiB, &passes, &lanes); err != nil {
		return 0, 0, 0, nil, nil, false
	}
	salt, errSalt := base64.RawStdEncoding.DecodeString(parts[4])
	key, errKey := base64.RawStdEncoding.DecodeString(parts[5])
	ok = errSalt == nil && errKey == nil && len(key) >= 16 && len(key) <= 64 && len(salt) >= 8 &&
		passes >= 1 && passes <= argonPassesMax && memoryKiB >= 8 && memoryKiB <= argonMemoryKiBMax && lanes >= 1
	return passes, memoryKiB, lanes, salt, key, ok
}
