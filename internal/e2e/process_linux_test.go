package e2e

import (
	"os/exec"
	"syscall"
)

// endWithParent lets the kernel stop the process when this one dies, as under a test's time limit.
func endWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
