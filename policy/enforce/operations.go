package enforce

// makeOperations returns the calls that can be performed, by name. On other ABIs than the
// machine's own those that are native are checked.
func makeOperations() map[string]*operation {
	open := &operation{do: performOpen}
	mkdir := &operation{do: performMkdir, parent: true, follow: never}
	mknod := &operation{do: performMknod, parent: true, follow: never}
	unlink := &operation{do: performUnlink, parent: true, follow: never}
	rename := &operation{do: performRename, parent: true, follow: never}
	link := &operation{do: performLink, parent: true, follow: followsLink}
	symlink := &operation{do: performSymlink, parent: true, follow: never}
	chmod := &operation{do: performChmod, follow: unlessNoFollow}
	chown := &operation{do: performChown, follow: unlessNoFollow, native: true}
	truncate := &operation{do: performTruncate}
	times := &operation{do: performTimes, follow: unlessNoFollow, null: true, native: true}
	set := &operation{do: performSetxattr, native: true}
	remove := &operation{do: performRemovexattr}
	not := &operation{do: performNot}
	connect := &operation{do: performConnect, net: true}
	bind := &operation{do: performBind, net: true}
	out := map[string]*operation{
		"open": open, "openat": open, "openat2": open, "creat": open,
		"mkdir": mkdir, "mkdirat": mkdir,
		"mknod": mknod, "mknodat": mknod,
		"unlink": unlink, "unlinkat": unlink, "rmdir": unlink,
		"rename": rename, "renameat": rename, "renameat2": rename,
		"link": link, "linkat": link,
		"symlink": symlink, "symlinkat": symlink,
		"chmod": chmod, "fchmod": chmod, "fchmodat": chmod, "fchmodat2": chmod,
		"chown": chown, "fchown": chown, "fchownat": chown,
		"lchown":   {do: performChown, follow: never, native: true},
		"truncate": truncate,
		"utime":    times, "utimes": times, "futimesat": times, "utimensat": times,
		"setxattr": set, "fsetxattr": set,
		"lsetxattr":   {do: performSetxattr, follow: never, native: true},
		"removexattr": remove, "fremovexattr": remove,
		"lremovexattr": {do: performRemovexattr, follow: never},
		"connect":      connect, "bind": bind,
		"sendto":  {do: performSendto, net: true},
		"sendmsg": {do: performSendmsg, net: true, native: true}, "sendmmsg": {do: performSendmmsg, net: true, native: true},
		"setxattrat": not, "removexattrat": not, "file_setattr": not,
	}
	lookOperations(out)
	return out
}
