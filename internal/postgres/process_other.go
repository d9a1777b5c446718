//go:build unix && !linux

package postgres

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// childAttributes keep a terminal's Ctrl-C from the server. Without a parent-death signal a killed process leaves it
// running; the next owner finds and stops it.
func childAttributes(a account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: a.credential, Setpgid: true}
}

// commandLine returns the arguments of a live process, "" for one that is gone or a zombie.
func commandLine(pid int) string {
	output, err := exec.Command("ps", "-o", "stat=,command=", "-p", strconv.Itoa(pid)).Output()
	state, command, _ := strings.Cut(strings.TrimSpace(string(output)), " ")
	if err != nil || strings.HasPrefix(state, "Z") {
		return ""
	}
	return command
}
