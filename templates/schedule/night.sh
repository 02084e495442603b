#!/bin/sh
# Made by `sheetsync schedule install` for cron; `sheetsync schedule remove` takes it away.
$environment
exec nice -n 10 $command >/dev/null 2>$errors
