package content

import (
	"testing"

	"rankloop/views/content/hostile"
)

// FuzzRender looks for a text whose HTML holds what is not allowed, or that takes long.
func FuzzRender(f *testing.F) {
	for _, text := range hostile.Texts() {
		if len(text.Source) < 4<<10 {
			f.Add(text.Source)
		}
	}
	f.Fuzz(func(t *testing.T, source string) { check(t, "the text", source) })
}
