package app

import (
	"errors"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// childAttributes let the kernel stop the worker when this process dies, and keep a terminal's Ctrl-C from it: the
// server tells it to leave.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

// lowerPriority makes a process that leads its own group nicer, with all of its threads, and the first choice where
// memory runs out.
func lowerPriority(pid, nice int) error {
	return errors.Join(
		unix.Setpriority(unix.PRIO_PGRP, pid, nice),
		os.WriteFile("/proc/"+strconv.Itoa(pid)+"/oom_score_adj", []byte("500"), 0),
	)
}
