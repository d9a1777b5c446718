package kernel

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestSelect(t *testing.T) {
	before := Name()
	if Select("sse9") == nil {
		t.Error("an unknown set was accepted")
	}
	if Name() != before {
		t.Error("a failed selection changed the set")
	}
	if names := Sets(); names[len(names)-1] != "generic" || !slices.Contains(names, before) {
		t.Errorf("sets are %v with %q active", names, before)
	}
}

// The variable is read at start, so the test runs itself as a child process.
func TestEnvironmentForcesASet(t *testing.T) {
	if os.Getenv("RANKLOOP_KERNEL_CHILD") != "" {
		fmt.Printf("set=%s error=%v\n", Name(), EnvError())
		return
	}
	answers := map[string]string{"sse9": `error=RANKLOOP_CPU is "sse9", which is no kernel set of this machine: write ` + strings.Join(append(Sets(), BFloat16Sets()...), ", ")}
	for _, name := range append(Sets(), BFloat16Sets()...) {
		answers[name] = "set=" + name + " error=<nil>\n"
	}
	for value, want := range answers {
		child := exec.Command(os.Args[0], "-test.run=^TestEnvironmentForcesASet$")
		child.Env = append(os.Environ(), "RANKLOOP_KERNEL_CHILD=1", "RANKLOOP_CPU="+value)
		out, err := child.Output()
		if errors.Is(err, syscall.ENOEXEC) {
			t.Skip("the system cannot start this test's own program: it is emulated")
		}
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("RANKLOOP_CPU=%s: %v, output %q, want %q in it", value, err, out, want)
		}
	}
}

func TestPackedStaysWithItsSet(t *testing.T) {
	o := newOperands(random(5), false, false, 9, 50, 30)
	packed := Pack(false, o.k, o.n, o.b, o.ldb)
	want := make([]float32, o.m*o.ldc)
	o.gemm(false, want)
	eachSet(t, func(t *testing.T) {
		c := make([]float32, len(want))
		GemmPacked(o.m, o.a, o.lda, packed, false, c, o.ldc)
		sameBits(t, "packed by another set", c, want)
	})
}

func TestCalibrate(t *testing.T) {
	c := Calibrate()
	for name, v := range map[string]float64{"FMA 1T": c.FMAGflops1T, "FMA all": c.FMAGflopsAll,
		"bandwidth 1T": c.BandwidthGBs1T, "bandwidth all": c.BandwidthGBsAll} {
		if !(v > 0.01 && v < 1e6) {
			t.Errorf("%s is %g", name, v)
		}
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"fma_gflops_1t", "fma_gflops_all", "bandwidth_gbs_1t", "bandwidth_gbs_all", "cores_shared"} {
		if !strings.Contains(string(text), `"`+tag+`"`) {
			t.Errorf("no %s in %s", tag, text)
		}
	}
	t.Logf("%s %s", Name(), text)
}
