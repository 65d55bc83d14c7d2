// Checks what auditproof exports with code that knows nothing of auditproof: golang.org/x/mod/sumdb, the library behind
// the Go checksum database, and the published formats (c2sp.org/tlog-tiles, signed-note, tlog-checkpoint, tlog-proof).
//
//	verify tiles <directory> <vkey>     the whole log: signature, root, every entry
//	verify receipt <file> <vkey>        that the entry of a .tlog-proof is in its log
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8
const tileWidth = 1 << tileHeight

func main() {
	if len(os.Args) != 4 {
		fail(errors.New("usage: verify tiles|receipt <path> <vkey>"))
	}
	verifier, err := note.NewVerifier(os.Args[3])
	fail(err)
	switch os.Args[1] {
	case "tiles":
		fail(checkTiles(os.Args[2], verifier))
	case "receipt":
		fail(checkReceipt(os.Args[2], verifier))
	default:
		fail(fmt.Errorf("unknown command %q", os.Args[1]))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// openCheckpoint returns the tree that the signed note commits to.
func openCheckpoint(msg []byte, verifier note.Verifier) (tlog.Tree, error) {
	n, err := note.Open(msg, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tlog.Tree{}, fmt.Errorf("a checkpoint of %d lines", len(lines)-1)
	}
	if lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("origin %q, key %q", lines[0], verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	hash, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: hash}, err
}

// directory serves tiles from files. Its paths have no height, as tlog-tiles fixes it.
type directory string

func (d directory) Height() int { return tileHeight }

func (d directory) SaveTiles([]tlog.Tile, [][]byte) {}

func (d directory) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		bytes, err := os.ReadFile(filepath.Join(string(d), tilePath(strconv.Itoa(tile.L), tile.N, tile.W)))
		if err != nil {
			return nil, err
		}
		all = append(all, bytes)
	}
	return all, nil
}

func tilePath(level string, n int64, width int) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	if width < tileWidth {
		path += fmt.Sprintf(".p/%d", width)
	}
	return "tile/" + level + "/" + path
}

func checkTiles(dir string, verifier note.Verifier) error {
	msg, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(msg, verifier)
	if err != nil {
		return err
	}
	// Every tile that this reader hands out has been checked against the root.
	reader := tlog.TileHashReader(tree, directory(dir))
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("the tiles give the root %v, signed is %v", root, tree.Hash)
	}
	for first := int64(0); first < tree.N; first += tileWidth {
		width := int(min(tileWidth, tree.N-first))
		if err := checkBundle(dir, first, width, reader); err != nil {
			return err
		}
	}
	fmt.Printf("%s: %d entries, root %v\n", verifier.Name(), tree.N, tree.Hash)
	return nil
}

func checkBundle(dir string, first int64, width int, reader tlog.HashReader) error {
	bundle, err := os.ReadFile(filepath.Join(dir, tilePath("entries", first/tileWidth, width)))
	if err != nil {
		return err
	}
	var indexes []int64
	for i := 0; i < width; i++ {
		indexes = append(indexes, tlog.StoredHashIndex(0, first+int64(i)))
	}
	hashes, err := reader.ReadHashes(indexes)
	if err != nil {
		return err
	}
	for i := 0; i < width; i++ {
		if len(bundle) < 2 {
			return fmt.Errorf("the bundle ends before entry %d", first+int64(i))
		}
		length := int(binary.BigEndian.Uint16(bundle))
		if len(bundle) < 2+length {
			return fmt.Errorf("entry %d is cut off", first+int64(i))
		}
		if tlog.RecordHash(bundle[2:2+length]) != hashes[i] {
			return fmt.Errorf("entry %d is not the one in the tree", first+int64(i))
		}
		bundle = bundle[2+length:]
	}
	if len(bundle) > 0 {
		return fmt.Errorf("%d bytes after the last entry", len(bundle))
	}
	return nil
}

func checkReceipt(file string, verifier note.Verifier) error {
	receipt, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, msg, found := bytes.Cut(receipt, []byte("\n\n"))
	if !found {
		return errors.New("no checkpoint")
	}
	lines := strings.Split(string(head), "\n")
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "extra ") || !strings.HasPrefix(lines[2], "index ") {
		return errors.New("not a receipt")
	}
	extra, err := base64.StdEncoding.Strict().DecodeString(lines[1][len("extra "):])
	if err != nil {
		return err
	}
	encoded, _, _ := strings.Cut(string(extra), "~")
	entry, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(lines[2][len("index "):], 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, err := openCheckpoint(msg, verifier)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return err
	}
	fmt.Printf("%s: entry %d of %d\n", verifier.Name(), index, tree.N)
	return nil
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}
