package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// container is what a process sees: this machine's files, but for a folder for temporary files of its own, the volumes, and
// the names of the services. Folders in Show stay where they are, also below the temporary ones.
type container struct {
	Root    string
	Folder  string
	Words   []string
	Environ []string
	Mounts  map[string]string
	Show    []string
	Hosts   []string
}

const tmp = "/tmp"

// enter makes the view of the container that file describes, and becomes its entrypoint. The mounts are this process's alone.
func enter(file string) {
	var inside container
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &inside)
	}
	if err == nil {
		err = inside.look()
	}
	if err == nil {
		err = inside.begin()
	}
	fmt.Fprintf(os.Stderr, "the container can't be started: %v\n", err)
	os.Exit(125)
}

// look builds the file system below Root, in memory, and changes to it.
func (c *container) look() error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := syscall.Mount("tmpfs", c.Root, "tmpfs", 0, ""); err != nil {
		return err
	}
	view := filepath.Join(c.Root, "view")
	temporary := filepath.Join(c.Root, "tmp")
	entries, err := os.ReadDir("/")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := show(view, "/"+entry.Name()); err != nil {
			return err
		}
	}
	if err := place(temporary, filepath.Join(view, tmp), syscall.MS_BIND); err != nil {
		return err
	}
	if err := os.Chmod(filepath.Join(view, tmp), 0o1777); err != nil {
		return err
	}
	for _, path := range c.Show {
		if err := place(path, filepath.Join(view, path), syscall.MS_BIND); err != nil {
			return err
		}
	}
	targets := []string{}
	for target := range c.Mounts {
		targets = append(targets, target)
	}
	slices.Sort(targets)
	for _, target := range targets {
		if err := place(c.Mounts[target], filepath.Join(view, target), syscall.MS_BIND); err != nil {
			return err
		}
	}
	if err := c.name(view); err != nil {
		return err
	}
	if c.Folder != "" {
		if err := os.MkdirAll(filepath.Join(view, c.Folder), 0o755); err != nil {
			return err
		}
	}
	return syscall.Chroot(view)
}

// show puts an entry of the machine's root into the view; temporary files are not shown.
func show(view, path string) error {
	facts, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if facts.Mode()&os.ModeSymlink != 0 {
		target, err := os.Readlink(path)
		if err == nil {
			err = os.MkdirAll(view, 0o755)
		}
		if err == nil {
			err = os.Symlink(target, view+path)
		}
		if os.IsExist(err) {
			return nil
		}
		return err
	}
	if !facts.IsDir() || path == tmp || path == "/drone" {
		return nil
	}
	return place(path, view+path, syscall.MS_BIND|syscall.MS_REC)
}

// place mounts a folder at another one; both are made where they are missing.
func place(from, to string, flags uintptr) error {
	for _, path := range []string{from, to} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
	}
	if err := syscall.Mount(from, to, "", flags, ""); err != nil {
		return fmt.Errorf("%s at %s: %w", from, to, err)
	}
	return nil
}

// name writes the hosts file: a pipeline's services have their names in its network.
func (c *container) name(view string) error {
	file := filepath.Join(c.Root, "hosts")
	lines := append([]string{"localhost"}, c.Hosts...)
	if err := os.WriteFile(file, []byte("127.0.0.1 "+strings.Join(lines, " ")+"\n"), 0o644); err != nil {
		return err
	}
	return syscall.Mount(file, filepath.Join(view, "/etc/hosts"), "", syscall.MS_BIND, "")
}

// begin becomes the entrypoint, looked up on the container's own path.
func (c *container) begin() error {
	folder := c.Folder
	if folder == "" {
		folder = "/"
	}
	if err := os.Chdir(folder); err != nil {
		return err
	}
	os.Clearenv()
	for _, entry := range c.Environ {
		if key, value, _ := strings.Cut(entry, "="); key == "PATH" {
			os.Setenv(key, value)
		}
	}
	path, err := exec.LookPath(c.Words[0])
	if err != nil {
		return err
	}
	nothing, err := os.Open("/dev/null")
	if err != nil {
		return err
	}
	if err := syscall.Dup2(int(nothing.Fd()), 0); err != nil {
		return err
	}
	return syscall.Exec(path, c.Words, c.Environ)
}

// check tries a container, and says on standard output why there can be none.
func check() {
	folder, err := os.MkdirTemp("", "drone-engine-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	words := []string{"/bin/sh", "-c", "test ! -e " + folder}
	inside := container{Root: filepath.Join(folder, "root"), Words: words, Environ: []string{"PATH=/usr/bin:/bin"}}
	var said strings.Builder
	status, err := contain(context.Background(), inside, io.Writer(&said))
	if err != nil || status != 0 {
		fmt.Printf("no mounts of its own for a process: %v %s\n", err, said.String())
	}
}
