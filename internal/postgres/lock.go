package postgres

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// tryLock takes the folder's lock, or returns nil where another process holds it. The kernel gives it back when the
// holder ends, however it ends. The file is closed on exec, so the server does not inherit the lock.
func tryLock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return file, nil
	}
	file.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, err
}
