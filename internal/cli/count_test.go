package cli

import "testing"

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 prompts", 1: "1 prompt", 2: "2 prompts"} {
		if got := count(n, "prompt"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
