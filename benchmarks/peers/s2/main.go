// Command s2 answers positions with S2's ShapeIndex, for benchmarks.geo: one process, one thread.
//
// Standard input: uint32 polygons; for each uint32 loops, and per loop uint32 n and n pairs of float64 lon, lat, the inside
// on the left; then uint32 sets of positions; for each uint32 n and n pairs. Little-endian throughout.
// Standard output: one JSON line with the seconds of the build and, per set, of the queries (processor time), and how
// many polygons were hit.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"os"
	"runtime"
	"syscall"

	"github.com/golang/geo/s2"
)

type answer struct {
	Seconds float64 `json:"seconds"`
	Hits    int     `json:"hits"`
}

type report struct {
	BuildS float64  `json:"build_s"`
	Sets   []answer `json:"sets"`
}

type reader struct{ from *bufio.Reader }

func (r reader) bytes(size int) []byte {
	found := make([]byte, size)
	if _, err := io.ReadFull(r.from, found); err != nil {
		panic(err)
	}
	return found
}

func (r reader) count() int { return int(binary.LittleEndian.Uint32(r.bytes(4))) }

func (r reader) points(count int) []s2.Point {
	raw := r.bytes(16 * count)
	found := make([]s2.Point, count)
	for i := range found {
		lon := math.Float64frombits(binary.LittleEndian.Uint64(raw[16*i:]))
		lat := math.Float64frombits(binary.LittleEndian.Uint64(raw[16*i+8:]))
		found[i] = s2.PointFromLatLng(s2.LatLngFromDegrees(lat, lon))
	}
	return found
}

// cpuS is the processor time of this process, seconds: other work on the machine does not count.
func cpuS() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func main() {
	runtime.GOMAXPROCS(1)
	in := reader{bufio.NewReaderSize(os.Stdin, 1<<20)}
	var shapes []s2.Shape
	for polygons := in.count(); polygons > 0; polygons-- {
		var loops []*s2.Loop
		for n := in.count(); n > 0; n-- {
			if points := in.points(in.count()); len(points) >= 3 {
				loops = append(loops, s2.LoopFromPoints(points))
			}
		}
		if len(loops) > 0 {
			shapes = append(shapes, s2.PolygonFromOrientedLoops(loops))
		}
	}
	var sets [][]s2.Point
	for n := in.count(); n > 0; n-- {
		sets = append(sets, in.points(in.count()))
	}
	index := s2.NewShapeIndex()
	start := cpuS()
	for _, shape := range shapes {
		index.Add(shape)
	}
	index.Build()
	out := report{BuildS: cpuS() - start}
	for _, points := range sets {
		query := s2.NewContainsPointQuery(index, s2.VertexModelSemiOpen)
		start = cpuS()
		hits := 0
		for _, point := range points {
			hits += len(query.ContainingShapes(point))
		}
		out.Sets = append(out.Sets, answer{cpuS() - start, hits})
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		panic(err)
	}
}
