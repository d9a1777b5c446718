// Package e2e tests the program from outside: the built binary with a data folder of its own, driven through its command
// line, its JSON API and a real browser, and killed at bad moments. It holds tests only.
package e2e
