// Rankloop collects rankings from people, trains a reward model on them and tunes its built-in decoder with PPO.
package main

import (
	"os"

	"rankloop/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
