#!/bin/sh
echo "$3" >> ../ran
for word; do last=$word; done
if [ "$3" = read ]; then
  mkdir -p "build/$5/private"
  printf '%s
%s
' "$7" "${9:-}" > "build/$5/private/raw_folder"
fi
while read -r name; do
  # each language makes its own: the other may be further on
  case "$3 $name" in
    exhibits*-"$last".sha256 | notebook*-"$last".sha256 | book*-"$last".sha256 | pdf*/"$last"/*) ;;
    exhibits* | notebook* | book* | pdf*) continue ;;
  esac
  mkdir -p "${name%/*}"
  # one file that the stage made, and the list that has it
  : > "$name.made"
  echo "0  $name.made" > "$name"
done < "../$3"
