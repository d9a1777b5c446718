//go:build !linux

package app

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// childAttributes keep a terminal's Ctrl-C from the worker: the server tells it to leave. It sees for itself when the
// server has gone.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// lowerPriority makes a process that leads its own group nicer.
func lowerPriority(pid, nice int) error { return unix.Setpriority(unix.PRIO_PGRP, pid, nice) }
