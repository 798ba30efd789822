# What forks.txt and forks.json are traces of.
echo one > made
cat made | tr o 0 > other
trap : USR1; kill -USR1 $$
rm made other
