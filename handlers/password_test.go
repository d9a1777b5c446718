package handlers

import (
	"strings"
	"testing"

	"rankloop/ranking"
)

func TestPassword(t *testing.T) {
	hash, err := HashPassword("correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %q", hash)
	}
	for password, want := range map[string]bool{"correct horse battery": true, "correct horse batter": false, "": false} {
		if got, err := checkPassword(t.Context(), password, hash); err != nil || got != want {
			t.Errorf("%q: %v, %v", password, got, err)
		}
	}
	again, _ := HashPassword("correct horse battery")
	if again == hash {
		t.Error("two hashes of one password share their salt")
	}
}

// What the database holds may be damaged; it must neither let anybody in nor ask for more memory than the limit.
func TestDamagedHashes(t *testing.T) {
	for _, hash := range []string{
		"", "x", "$argon2id$v=19$m=19456,t=2,p=1$$", "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5",
		"$argon2id$v=19$m=4294967295,t=2,p=1$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5a2V5",
		"$argon2id$v=19$m=19456,t=4294967295,p=1$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5a2V5",
		"$argon2id$v=19$m=19456,t=0,p=0$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5a2V5",
	} {
		if ok, err := checkPassword(t.Context(), "", hash); ok || err != nil {
			t.Errorf("%q: %v, %v", hash, ok, err)
		}
	}
}

func TestPasswordRules(t *testing.T) {
	for _, password := range []string{"", "nine chars"[:9], strings.Repeat("x", 201)} {
		if _, err := HashPassword(password); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%d bytes: %v", len(password), err)
		}
	}
	long := strings.Repeat("x", 200)
	hash, err := HashPassword(long)
	if err != nil {
		t.Fatal(err)
	}
	if ok, _ := checkPassword(t.Context(), long+"y", hash); ok {
		t.Error("a longer password was cut to the one that was set")
	}
}
