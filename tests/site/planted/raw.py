"""Raw HTML, which the strict build copies unseen: the finished pages are read."""

from tests.site.planted.kinds import OWN, TARGET, OnPage

RAW = (
    OnPage(
        words="raw HTML: an image without alternative text",
        text='<img src="_static/dot.svg">',
        rule="alt",
        said="dot.svg",
        fix="say in words",
    ),
    OnPage(
        words="raw HTML: an image with an empty one",
        text='<p><img src="_static/spot.svg" alt=" "></p>',
        rule="alt",
        said="spot.svg",
        fix="say in words",
    ),
    OnPage(
        words="raw HTML: a link to no page",
        text='<p><a href="none.html">x</a></p>',
        rule="link",
        said="none.html",
        fix=TARGET,
    ),
    OnPage(
        words="raw HTML: a link to no file",
        text='<p><a href="files/none.csv">x</a></p>',
        rule="link",
        said="files/none.csv",
        fix=TARGET,
    ),
    OnPage(
        words="raw HTML: a link to no place on the page",
        text='<p><a href="#none">x</a></p>',
        rule="link",
        said="#none",
        fix=TARGET,
    ),
    OnPage(
        words="raw HTML: a link to no place on another page",
        text='<p><a href="list.html#none">x</a></p>',
        rule="link",
        said="list.html#none",
        fix=TARGET,
    ),
    OnPage(
        words="a link to a page that the other language's site has not",
        text='<p><a href="../../es/site/none.html">x</a></p>',
        rule="link",
        said="es/site/none.html",
        fix=TARGET,
    ),
    OnPage(
        words="a script from outside",
        text='<script src="https://cdn.example.org/a.js"></script>',
        rule="outside",
        said="cdn.example.org",
        fix=OWN,
    ),
    OnPage(
        words="an image from outside",
        text="![A dot.](https://example.org/dot.png)",
        rule="outside",
        said="https://example.org/dot.png",
        fix=OWN,
    ),
    OnPage(
        words="a style sheet from outside",
        text='<link rel="stylesheet" href="http://example.org/a.css">',
        rule="outside",
        said="http://example.org/a.css",
        fix=OWN,
    ),
    OnPage(
        words="a frame from outside",
        text='<iframe src="//example.org/frame"></iframe>',
        rule="outside",
        said="//example.org/frame",
        fix=OWN,
    ),
    OnPage(
        words="a poster of a video from outside",
        text='<video src="_static/a.webm" poster="https://example.org/a.jpg"></video>',
        rule="outside",
        said="https://example.org/a.jpg",
        fix=OWN,
    ),
    OnPage(
        words="a style in the page that fetches from outside",
        text='<style>@import "https://example.org/in.css";</style>',
        rule="outside",
        said="https://example.org/in.css",
        fix=OWN,
    ),
    OnPage(
        words="a style of one element that fetches from outside",
        text='<p style="background: url(//example.org/b.png)">x</p>',
        rule="outside",
        said="//example.org/b.png",
        fix=OWN,
    ),
)
