package cli

import "fmt"

// count is a number of things, "1 prompt" or "2 prompts".
func count[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
