package jobs

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"rankloop/model"
	"rankloop/ranking"
	"rankloop/trainer"
)

// memoryShare is how much of the machine's memory a run, or the weights of one model, may take: the rest is for Postgres,
// pages and generation.
const memoryShare = 0.6

// checkMemory refuses a run that would not fit, and names the setting to change.
func checkMemory(spec trainer.Spec, inputs trainer.Inputs) error {
	need, err := trainer.EstimateMemory(spec, inputs.Sizes())
	if err != nil {
		return err
	}
	return fits(need, totalMemory())
}

// fits refuses what would take too much of total, where that is known.
func fits(need, total int64) error {
	if total == 0 || float64(need) <= memoryShare*float64(total) {
		return nil
	}
	return ranking.Errorf(ranking.CodeUnavailable,
		"the run needs about %s of memory, more than %d %% of the %s here; make micro_batch_tokens smaller (--set micro_batch_tokens=N) or start from a smaller base",
		gib(need), int(memoryShare*100), gib(total))
}

// CheckModelMemory refuses to load a model of whose weights so many copies would not fit.
func CheckModelMemory(c model.Config, copies int) error {
	return modelFits(c, copies, totalMemory())
}

func modelFits(c model.Config, copies int, total int64) error {
	need := 4 * int64(c.Parameters()) * int64(copies) // float32, however they are stored
	if total == 0 || float64(need) <= memoryShare*float64(total) {
		return nil
	}
	return ranking.Errorf(ranking.CodeUnavailable, "the model's %d parameters need %s of memory, more than %d %% of the %s here; use a smaller model or a larger machine",
		c.Parameters(), gib(need), int(memoryShare*100), gib(total))
}

func gib(bytes int64) string {
	return strconv.FormatFloat(float64(bytes)/(1<<30), 'f', 1, 64) + " GiB"
}

// totalMemory is the machine's memory in bytes, or the container's limit where that is lower; 0 where unknown.
func totalMemory() int64 {
	total := machineMemory("/proc/meminfo")
	for _, limit := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		if bytes, err := readNumber(limit); err == nil && bytes > 0 && (total == 0 || bytes < total) {
			total = bytes
		}
	}
	return total
}

func machineMemory(path string) int64 {
	file, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) >= 2 && fields[0] == "MemTotal:" {
			kib, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				return 0
			}
			return kib << 10
		}
	}
	return 0
}

// readNumber reads a file that holds one number; "max" is an error like any other word.
func readNumber(path string) (int64, error) {
	content, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(string(content)), 10, 64)
}
