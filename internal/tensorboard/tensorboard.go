// Package tensorboard writes scalars and histograms as TensorBoard's event files: protocol buffers of type Event (tensorflow/core/util/event.proto),
// framed as TFRecords, each length and each record with its CRC-32C. Both formats have been stable since 2015.
package tensorboard

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"maps"
	"math"
	"slices"
	"time"
)

// FileName is what an event file of a run begun at that time is called: TensorBoard looks for "tfevents".
func FileName(begun time.Time) string {
	return "events.out.tfevents." + begun.UTC().Format("20060102150405") + ".rankloop"
}

// Writer writes one event file.
type Writer struct {
	to     io.Writer
	record []byte
}

// NewWriter begins a file that was begun at that time.
func NewWriter(to io.Writer, begun time.Time) (*Writer, error) {
	w := &Writer{to: to}
	event := appendDouble(nil, eventWallTime, seconds(begun))
	return w, w.write(appendBytes(event, eventFileVersion, "brain.Event:2"))
}

// Histogram counts values in bins: Counts[i] of them above Limits[i-1] and up to Limits[i].
type Histogram struct {
	Min, Max       float64
	Limits, Counts []float64
}

// Step writes what is known of a step: scalars, then histograms, each by name in alphabetical order.
func (w *Writer) Step(step int, at time.Time, scalars map[string]float64, histograms map[string]Histogram) error {
	var summary []byte
	for _, name := range slices.Sorted(maps.Keys(scalars)) {
		value := appendBytes(nil, valueTag, name)
		value = appendFloat(value, valueSimple, float32(scalars[name]))
		summary = appendBytes(summary, summaryValue, string(value))
	}
	for _, name := range slices.Sorted(maps.Keys(histograms)) {
		value := appendBytes(nil, valueTag, name)
		value = appendBytes(value, valueHistogram, string(histograms[name].proto()))
		summary = appendBytes(summary, summaryValue, string(value))
	}
	event := appendDouble(nil, eventWallTime, seconds(at))
	event = append(event, eventStep<<3|wireVarint)
	event = binary.AppendUvarint(event, uint64(step))
	return w.write(appendBytes(event, eventSummary, string(summary)))
}

// proto is a HistogramProto. The sums of the values and of their squares, which TensorBoard does not draw, are left out.
func (h Histogram) proto() []byte {
	b := appendDouble(nil, histogramMin, h.Min)
	b = appendDouble(b, histogramMax, h.Max)
	num := 0.0
	for _, count := range h.Counts {
		num += count
	}
	b = appendDouble(b, histogramNum, num)
	b = appendBytes(b, histogramLimits, packed(h.Limits))
	return appendBytes(b, histogramCounts, packed(h.Counts))
}

func packed(values []float64) string {
	var b []byte
	for _, x := range values {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	return string(b)
}

// write frames one record: its length, the length's checksum, the record, its checksum.
func (w *Writer) write(event []byte) error {
	w.record = binary.LittleEndian.AppendUint64(w.record[:0], uint64(len(event)))
	w.record = binary.LittleEndian.AppendUint32(w.record, masked(w.record[:8]))
	w.record = append(w.record, event...)
	w.record = binary.LittleEndian.AppendUint32(w.record, masked(event))
	_, err := w.to.Write(w.record)
	return err
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is the checksum as TFRecords have it: rotated and moved, so that a checksum of data that holds checksums is sound.
func masked(data []byte) uint32 {
	sum := crc32.Checksum(data, castagnoli)
	return (sum>>15 | sum<<17) + 0xa282ead8
}

// Field numbers of Event, Summary, Summary.Value and HistogramProto.
const (
	eventWallTime    = 1 // double, seconds since 1970
	eventStep        = 2 // int64
	eventFileVersion = 3 // string
	eventSummary     = 5 // Summary
	summaryValue     = 1 // repeated Value
	valueTag         = 1 // string
	valueSimple      = 2 // float
	valueHistogram   = 5 // HistogramProto
	histogramMin     = 1 // double
	histogramMax     = 2 // double
	histogramNum     = 3 // double
	histogramLimits  = 6 // packed repeated double: the upper ends of the bins
	histogramCounts  = 7 // packed repeated double
)

// Wire types of protocol buffers.
const (
	wireVarint = 0
	wire64     = 1
	wireBytes  = 2
	wire32     = 5
)

func appendDouble(b []byte, field byte, x float64) []byte {
	return binary.LittleEndian.AppendUint64(append(b, field<<3|wire64), math.Float64bits(x))
}

func appendFloat(b []byte, field byte, x float32) []byte {
	return binary.LittleEndian.AppendUint32(append(b, field<<3|wire32), math.Float32bits(x))
}

func appendBytes(b []byte, field byte, x string) []byte {
	return append(binary.AppendUvarint(append(b, field<<3|wireBytes), uint64(len(x))), x...)
}

func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }
