package postgres

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// childAttributes let the kernel stop the server when this process dies, and keep a terminal's Ctrl-C from it.
func childAttributes(a account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: a.credential, Setpgid: true, Pdeathsig: syscall.SIGINT}
}

// commandLine returns the arguments of a live process, "" for one that is gone or a zombie.
func commandLine(pid int) string {
	line, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil {
		return ""
	}
	return string(bytes.ReplaceAll(line, []byte{0}, []byte{' '}))
}
