//go:build !unix

package content

import "time"

var started = time.Now()

// processTime stands in for processor time where the system does not tell it.
func processTime() time.Duration { return time.Since(started) }
