package postgres

import (
	"os"
	"path/filepath"
	"runtime"
)

// DefaultDataDir is where everything lives unless --data says otherwise: $RANKLOOP_DATA, else the user's data folder,
// /var/lib/rankloop for root.
func DefaultDataDir() string {
	if dir := os.Getenv("RANKLOOP_DATA"); dir != "" {
		return dir
	}
	if os.Geteuid() == 0 {
		return "/var/lib/rankloop"
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "rankloop")
	}
	home, err := os.UserHomeDir()
	if err != nil || home == "" || home == "/" {
		return "rankloop-data"
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support", "rankloop")
	}
	return filepath.Join(home, ".local", "share", "rankloop")
}
