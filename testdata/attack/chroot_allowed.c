// As chroot and out of it again, under a policy that lets it be done: what a name
// leads to is what counts.
#include "attack.h"

int main(void)
{
	honest();
	if (geteuid() != 0 && in_namespace(0) != 0)
		skip("no user namespaces: %s", strerror(errno));
	int here = must(open(".", O_RDONLY | O_DIRECTORY));
	if (chroot("secret") == 0 && is_secret(open("/key", O_RDONLY)))
		won("/key");
	must(fchdir(here));
	if (is_secret(open("secret/key", O_RDONLY)))
		won("relative, from outside the root");
	if (is_secret(open("open/../../../../../../../../../key", O_RDONLY)))
		won("by ..");
	must(chroot("open"));
	// The old way out of a root: the working directory stays above it.
	must(mkdir("/deep", 0755));
	must(chroot("/deep"));
	if (is_secret(open("secret/key", O_RDONLY)))
		won("by the working directory");
	if (is_secret(open("/../secret/key", O_RDONLY)))
		won("above the root");
	if (!begins(open("open/file", O_RDONLY), "public"))
		broken("open/file cannot be read: %s", strerror(errno));
	lost("%s", strerror(errno));
}
