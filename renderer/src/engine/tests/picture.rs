//! Screenshots: sizes and pixels.

use common::task::{ImageFormat, ImageOptions, Media, Output, Task, Viewport};
use image::{DynamicImage, GenericImageView as _, Rgba};

use super::with;
use crate::testing::{html, image as task, pdf_of, render, response, run, serve};

const RED_BOX: &str = "<body style='margin:0'><div style='position:absolute;left:100px;top:50px;\
    width:30px;height:20px;background:#f00'></div>";

async fn shot(task: &Task) -> DynamicImage {
    image::load_from_memory(&render(task).await.unwrap()).unwrap()
}

fn options(html: &str, change: impl FnOnce(&mut ImageOptions)) -> Task {
    with(task(html), |task| {
        if let Output::Image(options) = &mut task.output {
            change(options);
        }
    })
}

#[test]
fn a_window_is_800_by_600_unless_said_otherwise() {
    run(async {
        let picture = shot(&task(RED_BOX)).await;
        assert_eq!(picture.dimensions(), (800, 600));
        assert_eq!(picture.get_pixel(115, 60), Rgba([255, 0, 0, 255]));
        assert_eq!(picture.get_pixel(99, 60), Rgba([255, 255, 255, 255]));
        let viewport = Viewport {
            width: 320,
            height: 200,
            device_scale_factor: 2.0,
            ..Viewport::default()
        };
        let sized = with(task(RED_BOX), |task| task.page.viewport = Some(viewport));
        let picture = shot(&sized).await;
        assert_eq!(picture.dimensions(), (640, 400));
        assert_eq!(picture.get_pixel(230, 120), Rgba([255, 0, 0, 255]));
    });
}

#[test]
fn every_format_is_what_it_says() {
    run(async {
        for (format, start) in [
            (ImageFormat::Png, b"\x89PNG".as_slice()),
            (ImageFormat::Jpeg, b"\xff\xd8\xff"),
            (ImageFormat::WebP, b"RIFF"),
        ] {
            let made = render(&options(RED_BOX, |options| options.format = format))
                .await
                .unwrap();
            assert!(made.starts_with(start), "{format:?}");
        }
        let size = async |quality| {
            let noisy =
                "<body style='background:repeating-conic-gradient(red 0 3%,lime 0 7%,#00f 0 9%)'>";
            let task = options(noisy, |options| {
                (options.format, options.quality) = (ImageFormat::Jpeg, quality);
            });
            render(&task).await.unwrap().len()
        };
        assert!(size(10).await < size(95).await);
    });
}

#[test]
fn trimming_leaves_the_content_at_any_scale_and_transparency_leaves_no_background() {
    run(async {
        let trimmed = options(RED_BOX, |options| options.trim = true);
        let picture = shot(&trimmed).await;
        assert_eq!(picture.dimensions(), (30, 20));
        assert_eq!(picture.get_pixel(0, 0), Rgba([255, 0, 0, 255]));
        let doubled = with(trimmed, |task| {
            let viewport = Viewport {
                device_scale_factor: 2.0,
                ..Viewport::default()
            };
            task.page.viewport = Some(viewport);
        });
        assert_eq!(shot(&doubled).await.dimensions(), (60, 40));
        let clear = options(RED_BOX, |options| options.transparent = true);
        let picture = shot(&clear).await;
        assert_eq!(picture.get_pixel(5, 5), Rgba([0, 0, 0, 0]));
        assert_eq!(picture.get_pixel(110, 60), Rgba([255, 0, 0, 255]));
    });
}

#[test]
fn a_lazy_image_in_sight_is_there() {
    run(async {
        let green = "<svg xmlns='http://www.w3.org/2000/svg' width='50' height='50'><rect width='50' height='50' fill='#0f0'/></svg>";
        let server = serve(move |request| {
            if request.starts_with("GET /lazy") {
                return response("200 OK", "content-type: image/svg+xml\r\n", green);
            }
            html("<body style='margin:0'><img loading=lazy src=/lazy.svg>")
        })
        .await;
        let page = with(task(""), |task| {
            task.source = pdf_of(&format!("http://{server}/")).source;
        });
        assert_eq!(shot(&page).await.get_pixel(20, 20), Rgba([0, 255, 0, 255]));
    });
}

#[test]
fn a_phone_has_touch_and_its_own_width() {
    run(async {
        let html = "<meta name=viewport content='width=device-width'><body style='margin:0'><script>
            const right = innerWidth === 400 && 'ontouchstart' in window && matchMedia('(pointer:coarse)').matches && screen.orientation.type === 'landscape-primary';
            document.body.style.background = right ? '#0f0' : '#f00';
        </script>";
        let viewport = Viewport {
            width: 400,
            height: 300,
            is_mobile: true,
            has_touch: true,
            is_landscape: true,
            ..Viewport::default()
        };
        let phone = with(task(html), |task| task.page.viewport = Some(viewport));
        assert_eq!(shot(&phone).await.get_pixel(10, 10), Rgba([0, 255, 0, 255]));
    });
}

#[test]
fn media_and_time_zone_are_what_the_page_sees() {
    run(async {
        let html = "<style>body{background:#f00}@media print{body{background:#0f0}}</style>";
        let green = Rgba([0, 255, 0, 255]);
        assert_ne!(shot(&task(html)).await.get_pixel(10, 10), green);
        let printed = with(task(html), |task| task.page.media = Some(Media::Print));
        assert_eq!(shot(&printed).await.get_pixel(10, 10), green);
        let html = "<script>document.documentElement.style.background =
            new Date(0).getHours() === 9 && Intl.DateTimeFormat().resolvedOptions().timeZone === 'Asia/Tokyo' ? '#0f0' : '#f00'</script>";
        let tokyo = with(task(html), |task| {
            task.page.time_zone = Some("Asia/Tokyo".into());
        });
        assert_eq!(shot(&tokyo).await.get_pixel(10, 10), green);
    });
}
