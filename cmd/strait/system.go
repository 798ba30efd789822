package main

import (
	"errors"
	"os/user"
	"path/filepath"
	"strconv"
)

var errNoPath = errors.New("no path")

// realPath is realpath(3).
func realPath(path string) (string, error) {
	if path == "" {
		return "", errNoPath
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	return filepath.Abs(real)
}

// lookUpUser finds a user by name, with the groups it is in.
func lookUpUser(name string) (credentials, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return credentials{}, err
	}
	var c credentials
	for _, id := range []struct {
		text string
		dst  *uint32
	}{{u.Uid, &c.UID}, {u.Gid, &c.GID}} {
		n, err := strconv.ParseUint(id.text, 10, 32)
		if err != nil {
			return credentials{}, err
		}
		*id.dst = uint32(n)
	}
	groups, err := u.GroupIds()
	if err != nil {
		return credentials{}, err
	}
	for _, text := range groups {
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return credentials{}, err
		}
		c.Groups = append(c.Groups, uint32(n))
	}
	c.Home = u.HomeDir
	return c, nil
}
