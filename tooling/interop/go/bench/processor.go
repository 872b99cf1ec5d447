package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is what /proc counts in on Linux, whatever the machine.
const tick = 10 * time.Millisecond

// processorTime is what these processes have had of the processors together; 0 where there is no /proc.
func processorTime(pids ...int) time.Duration {
	sum := time.Duration(0)
	for _, pid := range pids {
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return 0
		}
		// The name before these fields may hold blanks.
		fields := strings.Fields(string(line[strings.LastIndexByte(string(line), ')')+1:]))
		for _, field := range fields[11:13] {
			ticks, err := strconv.Atoi(field)
			if err != nil {
				return 0
			}
			sum += time.Duration(ticks) * tick
		}
	}
	return sum
}
